package api

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// cookie carries the key for the page.
const cookie = "opik-local"

// guard lets in who may: no page of another origin, no other name that resolves to this machine, nobody without the key.
func guard(o Options, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused := o.refuse(r)
		switch {
		case refused != nil:
			writeJSON(w, refused.status, refused.body())
		case o.Key != "" && r.URL.Query().Get("key") != "":
			signIn(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// refuse says why a request may not come in, or nil.
func (o Options) refuse(r *http.Request) *refusal {
	if !o.knows(r.Host) {
		return &refusal{status: http.StatusForbidden, message: "This host is not served",
			details: "call opik-local under the address that it printed, not under " + printable(r.Host)}
	}
	if foreign(r) {
		return &refusal{status: http.StatusForbidden, message: "Requests of other origins are not served"}
	}
	if o.Key != "" && !o.holdsKey(r) && !strings.HasSuffix(r.URL.Path, "/is-alive/ping") {
		return &refusal{status: http.StatusUnauthorized, message: "API key should be provided",
			details: "send the key in Authorization, or open the page with ?key=KEY"}
	}
	if workspace := r.Header.Get("Comet-Workspace"); workspace != "" && workspace != "default" {
		return &refusal{status: http.StatusNotFound, message: "Workspace not found", details: "opik-local has one workspace, default"}
	}
	return nil
}

// printable is a short form of what a client sent.
func printable(text string) string { return strings.ToValidUTF8(text[:min(len(text), 100)], "?") }

// knows reports whether the host of a request is this server. An IP address cannot be rebound by DNS, a name can.
func (o Options) knows(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if address, err := netip.ParseAddr(name); err == nil {
		return address.IsLoopback() || o.Key != ""
	}
	return name == "localhost" || slices.Contains(o.Hosts, name)
}

// foreign reports whether a page of another origin made the request. Following a link to the page is fine.
func foreign(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		parsed, err := url.Parse(origin)
		return err != nil || parsed.Host != r.Host
	}
	site := r.Header.Get("Sec-Fetch-Site")
	if site != "cross-site" && site != "same-site" {
		return false
	}
	follows := r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	return !follows
}

// holdsKey looks for the key where SDKs and the page send it.
func (o Options) holdsKey(r *http.Request) bool {
	sent := []string{r.Header.Get("Authorization"), r.URL.Query().Get("key")}
	if held, err := r.Cookie(cookie); err == nil {
		sent = append(sent, held.Value)
	}
	return slices.ContainsFunc(sent, func(key string) bool { return subtle.ConstantTimeCompare([]byte(key), []byte(o.Key)) == 1 })
}

// signIn keeps the key in a cookie, and out of the address.
func signIn(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: query.Get("key"), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	query.Del("key")
	target := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: query.Encode()}
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}
