// Package api answers Opik's REST API from a store, with Opik's validation and its error bodies.
package api

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/opikgen/opikgen/local/internal/store"
)

// Options say who is let in.
type Options struct {
	Key    string   // what a client must send in Authorization; empty lets everybody in who is on the machine
	Hosts  []string // names besides the loopback ones under which the server may be called
	Logger *slog.Logger
}

// server holds what handlers need.
type server struct {
	store *store.Store
	log   *slog.Logger
}

// handler answers a request, or says why not.
type handler func(w http.ResponseWriter, r *http.Request) error

// New returns the API over a store. page answers what is not the API.
func New(s *store.Store, page http.Handler, o Options) http.Handler {
	api := &server{store: s, log: o.Logger}
	mux := http.NewServeMux()
	for pattern, handle := range api.routes() {
		mux.Handle(pattern, api.answered(handle))
	}
	mux.Handle("/v1/", api.answered(unknown))
	mux.Handle("/guardrails/", api.answered(guardrails))
	mux.Handle("/", page)
	return guard(o, withoutPrefix(compressed(mux)))
}

// withoutPrefix makes /api/v1 the same as /v1: Opik's own server has a proxy before it that does.
func withoutPrefix(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/api/"); ok {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = "/"+rest, ""
		}
		if len(r.URL.Path) > 1 && strings.HasPrefix(r.URL.Path, "/v1/") {
			r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
		}
		next.ServeHTTP(w, r)
	})
}

// routes are all endpoints.
func (s *server) routes() map[string]handler {
	routes := map[string]handler{
		"GET /is-alive/ping":                  s.ping,
		"GET /is-alive/ver":                   s.version,
		"POST /v1/private/auth":               s.noContent,
		"GET /v1/private/auth":                s.noContent,
		"GET /v1/private/auth/workspace":      s.workspaceName,
		"GET /v1/private/toggles":             s.toggles,
		"GET /v1/private/workspaces/versions": s.workspace,
		"GET /v1/session/redirect/projects":   s.redirect,
		"POST /v1/private/otel/v1/traces":     s.otlp,
	}
	for _, part := range []map[string]handler{
		s.rowRoutes(store.Trace), s.rowRoutes(store.Span), s.traceRoutes(), s.threadRoutes(), s.projectRoutes(), s.attachmentRoutes(),
		s.promptRoutes(), s.environmentRoutes(),
	} {
		for pattern, handle := range part {
			routes[pattern] = handle
		}
	}
	return routes
}

// rowRoutes are the endpoints that traces and spans share.
func (s *server) rowRoutes(kind store.Kind) map[string]handler {
	h := rows{s, kind}
	base := "/v1/private/" + string(kind) + "s"
	routes := map[string]handler{
		"POST " + base:                                  reading(h.create),
		"POST " + base + "/batch":                       reading(h.createBatch),
		"PATCH " + base + "/batch":                      reading(h.updateBatch),
		"PATCH " + base + "/{id}":                       reading(h.update),
		"GET " + base:                                   h.list,
		"GET " + base + "/{id}":                         h.get,
		"POST " + base + "/search":                      h.search,
		"GET " + base + "/stats":                        h.stats,
		"GET " + base + "/exists":                       h.exists,
		"DELETE " + base + "/{id}":                      h.delete,
		"PUT " + base + "/{id}/feedback-scores":         reading(h.score),
		"PUT " + base + "/feedback-scores":              h.scoreBatch,
		"POST " + base + "/{id}/feedback-scores/delete": reading(h.unscore),
		"GET " + base + "/feedback-scores/names":        h.scoreNames,
		"PATCH " + base + "/comments/{comment}":         reading(h.changeComment),
		"POST " + base + "/comments/delete":             reading(h.deleteComments),
		"POST " + base + "/{id}/comments":               reading(h.comment),
		"GET " + base + "/{id}/comments/{comment}":      h.getComment,
	}
	return routes
}

// traceRoutes are the endpoints that only traces have.
func (s *server) traceRoutes() map[string]handler {
	return map[string]handler{"POST /v1/private/traces/delete": reading(s.deleteTraces)}
}
