package api_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

// attach uploads a file as the SDKs do, and returns the path under which it is listed.
func attach(c *client, id, name, mime, content string) (link string) {
	base := base64.StdEncoding.EncodeToString([]byte(c.url + "/api/"))
	started := decode[object](c.t, c.call(200, http.MethodPost, "/attachment/upload-start", object{
		"file_name": name, "num_of_file_parts": 1, "mime_type": mime, "project_name": "p", "entity_type": "trace", "entity_id": id, "path": base,
	}))
	require.Equal(c.t, "BEMinIO", started["upload_id"])
	target := started["pre_sign_urls"].([]any)[0].(string)
	require.True(c.t, strings.HasPrefix(target, c.url+"/api/v1/private/attachment/upload?"), target)
	response, text := c.send(http.MethodPut, strings.TrimPrefix(target, c.url), strings.NewReader(content))
	require.Equal(c.t, 204, response.StatusCode, text)
	project := c.read("/traces/" + id)["project_id"].(string)
	listed := c.read("/attachment/list?project_id=" + project + "&entity_type=trace&entity_id=" + id + "&path=" + url.QueryEscape(base))
	for _, file := range listed["content"].([]any) {
		if file.(object)["file_name"] == name {
			require.InDelta(c.t, len(content), file.(object)["file_size"], 0)
			return strings.TrimPrefix(file.(object)["link"].(string), c.url)
		}
	}
	require.Fail(c.t, "the file is not listed", name)
	return ""
}

func TestAttachments(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(201, http.MethodPost, "/traces", row(id, nil))
	content := strings.Repeat("0123456789", 300_000/fewer)
	for _, name := range []string{"a.txt", "../../etc/passwd", `..\..\boot.ini`, "/abs", "%2e%2e%2f", "<script>alert(1)</script>.html", "名前 \"x\".png", "a\r\nSet-Cookie: x"} {
		t.Run(name, func(t *testing.T) {
			c := &client{t, c.url, c.header}
			link := attach(c, id, name, "text/html", content)
			attach(c, id, name, "text/html", content) // again: in place of the first
			response, text := c.send(http.MethodGet, link, nil)
			require.Equal(t, 200, response.StatusCode)
			assert.Equal(t, content, text)
			assert.Equal(t, "sandbox; default-src 'none'", response.Header.Get("Content-Security-Policy"), "a file never runs as a page of ours")
			assert.True(t, strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment"), response.Header.Get("Content-Disposition"))
			assert.NotContains(t, response.Header.Get("Content-Disposition"), "/")
			assert.Empty(t, response.Header.Get("Set-Cookie"))
		})
	}
	project := c.read("/traces/" + id)["project_id"].(string)
	query := "/attachment/list?project_id=" + project + "&entity_type=trace&entity_id=" + id
	assert.InDelta(t, 8, c.read(query)["total"], 0)
	c.call(204, http.MethodPost, "/attachment/delete", object{"file_names": []string{"a.txt"}, "entity_type": "trace", "entity_id": id, "container_id": project})
	assert.InDelta(t, 7, c.read(query)["total"], 0)
	c.call(204, http.MethodDelete, "/traces/"+id, nil)
	assert.InDelta(t, 0, c.read(query)["total"], 0)
}

// TestSlowDownloadsKeepNobodyWaiting leaves more downloads half read than the store has connections.
func TestSlowDownloadsKeepNobodyWaiting(t *testing.T) {
	c, id := newClient(t, api.Options{}), newID()
	c.call(201, http.MethodPost, "/traces", row(id, nil))
	link := attach(c, id, "large", "text/plain", strings.Repeat("0123456789", 3<<20)) // more than sockets buffer
	for range 2*runtime.GOMAXPROCS(0) + 4 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+link, nil)
		require.NoError(t, err)
		response, err := http.DefaultTransport.RoundTrip(request)
		require.NoError(t, err)
		defer response.Body.Close()
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/v1/private/traces/"+id, nil)
	require.NoError(t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err, "the trace cannot be read while others download")
	assert.NoError(t, response.Body.Close())
}

func TestAttachmentsOfNothing(t *testing.T) {
	c := newClient(t, api.Options{})
	c.call(404, http.MethodGet, "/attachment/download?entity_type=trace&entity_id="+newID()+"&file_name=x&container_id=y", nil)
	c.call(422, http.MethodGet, "/attachment/list?entity_type=thread&entity_id="+newID(), nil)
	c.call(422, http.MethodPost, "/attachment/upload-start", object{"entity_type": "trace", "entity_id": newID(), "file_name": " "})
}
