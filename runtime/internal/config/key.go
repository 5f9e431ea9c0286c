package config

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// keyURL returns the URL that an API key carries, or "". Such a key is KEY*base64(JSON), the JSON says where its
// Opik is, and the whole of it is the key that the server wants to see.
func keyURL(key string) string {
	parts := strings.Split(key, "*")
	if len(parts) != 2 {
		return ""
	}
	encoded := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(parts[1]), "=")
	text, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return ""
	}
	var content struct {
		BaseURL string `json:"baseUrl"`
	}
	if json.Unmarshal(text, &content) != nil {
		return ""
	}
	base, err := url.Parse(content.BaseURL)
	if err != nil || base.Host == "" {
		return ""
	}
	return base.ResolveReference(&url.URL{Path: "opik/api"}).String()
}
