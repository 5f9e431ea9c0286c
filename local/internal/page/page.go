// Package page serves the page that shows traces, and what only the page asks for.
package page

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"

	"github.com/opikgen/opikgen/local/internal/store"
)

//go:embed static
var static embed.FS

// policy lets the page run its own scripts and styles and show images that stand in the data. Nothing else runs or loads.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// pages reads for the page.
type pages struct{ store *store.Store }

// New returns the page over a store.
func New(s *store.Store) http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is embedded
	}
	p := pages{s}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.Handle("GET /local/traces", answered(p.traces))
	mux.Handle("GET /local/traces/{id}", answered(p.trace))
	mux.Handle("GET /local/chart", answered(p.chart))
	mux.HandleFunc("GET /local/events", p.events)
	mux.HandleFunc("GET /{workspace}/projects/{id}/{rest...}", project)
	return secured(mux)
}

// secured sets the headers that keep the page to itself.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

// answered writes what a function returns as JSON.
func answered(read func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, err := read(r)
		if err != nil {
			status := http.StatusInternalServerError
			if _, ok := errors.AsType[store.Unknown](err); ok {
				status = http.StatusBadRequest
			} else if errors.Is(err, store.ErrNotFound) {
				status = http.StatusNotFound
			}
			http.Error(w, err.Error(), status)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(document) // the page may be gone
	})
}

// query reads what the page asks about.
func query(values url.Values) (q store.Query, err error) {
	q = store.Query{ProjectID: values.Get("project_id"), Search: values.Get("search")}
	for name, target := range map[string]any{"filters": &q.Filters, "sorting": &q.Sort} {
		if text := values.Get(name); text != "" && json.Unmarshal([]byte(text), target) != nil {
			return q, store.Unknown(name + " is no JSON")
		}
	}
	if text := values.Get("from_time"); text != "" {
		if q.From, err = store.ParseTime(text); err != nil {
			return q, store.Unknown(err.Error())
		}
	}
	return q, nil
}

// traces returns a page of the list, and how many there are: -1 where counting would take longer than the page.
func (p pages) traces(r *http.Request) (any, error) {
	values := r.URL.Query()
	q, err := query(values)
	if err != nil {
		return nil, err
	}
	total, err := p.count(r.Context(), q)
	if err != nil {
		return nil, err
	}
	size, _ := strconv.Atoi(values.Get("size")) // none is the default
	number, _ := strconv.Atoi(values.Get("page"))
	size = min(max(size, 1), 500)
	q.Limit, q.Offset = size+1, min(max(number-1, 0), 1<<30)*size
	traces, err := p.store.Glances(r.Context(), q)
	return map[string]any{"total": total, "more": len(traces) > size, "traces": traces[:min(size, len(traces))]}, err
}

// count counts the traces of a query, unless its words are common.
func (p pages) count(ctx context.Context, q store.Query) (int64, error) {
	if common, err := p.store.Common(ctx, store.Trace, q); err != nil || common {
		return -1, err
	}
	return p.store.Count(ctx, store.Trace, q)
}

// trace returns a trace with the outline of its spans.
func (p pages) trace(r *http.Request) (any, error) {
	trace, err := p.store.Get(r.Context(), store.Trace, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	spans, err := p.store.Outlines(r.Context(), trace.ProjectID, trace.ID)
	return map[string]any{"trace": trace, "spans": spans, "failed": trace.Failed}, err
}

// chart returns the figures over time.
func (p pages) chart(r *http.Request) (any, error) {
	q, err := query(r.URL.Query())
	if err != nil {
		return nil, err
	}
	return p.store.Chart(r.Context(), q, 60)
}

// project leads from the links that SDKs print to the page of a project.
func project(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/#/project/"+url.PathEscape(r.PathValue("id")), http.StatusSeeOther)
}
