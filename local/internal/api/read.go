package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/opikgen/opikgen/local/internal/store"
)

const (
	defaultPage = 10
	maxPage     = 10000 // Opik has no bound; this one keeps a mistake from reading everything into memory
)

// page is a part of a list, as Opik shows it.
type page[T any] struct {
	Page     int      `json:"page"`
	Size     int      `json:"size"`
	Total    int64    `json:"total"`
	Content  []T      `json:"content"`
	Sortable []string `json:"sortable_by,omitempty"`
}

// errNoProject says that a project that was named does not exist, so that nothing can be in it.
var errNoProject = errors.New("no such project")

// get returns one row.
func (h rows) get(w http.ResponseWriter, r *http.Request) error {
	id, err := checkID("id", r.PathValue("id"))
	if err != nil {
		return err
	}
	entry, err := h.store.Get(r.Context(), h.kind, id)
	if err != nil {
		return named(entity(h.kind), err)
	}
	entries := []store.Entry{entry}
	err = h.shape(r, entries, shape{strip: isTrue(r, "strip_attachments")})
	return answer(w, entries[0], err)
}

// list returns a page of rows.
func (h rows) list(w http.ResponseWriter, r *http.Request) error {
	found, err := listed(h.server, r, h.kind, func(q store.Query) ([]store.Entry, int64, error) {
		return h.store.Page(r.Context(), h.kind, q)
	})
	if err != nil {
		return err
	}
	as := shape{isTrue(r, "truncate"), isTrue(r, "strip_attachments"), excluded(r.URL.Query().Get("exclude"))}
	err = h.shape(r, found.Content, as)
	return answer(w, found, err)
}

// listed returns the page that a request asks for of what list finds, and counts.
func listed[T any](s *server, r *http.Request, kind store.Kind, list func(store.Query) ([]T, int64, error)) (page[T], error) {
	number, size, err := pageOf(r.URL.Query())
	found := page[T]{Page: number, Content: []T{}, Sortable: store.Sortable(kind)}
	if err != nil {
		return found, err
	}
	query, err := s.query(r, r.URL.Query())
	if errors.Is(err, errNoProject) {
		return found, nil
	}
	if err != nil {
		return found, err
	}
	query.Limit, query.Offset = size, (number-1)*size
	found.Content, found.Total, err = list(query)
	found.Size = len(found.Content)
	return found, err
}

// isTrue reads a switch of a query.
func isTrue(r *http.Request, name string) bool { return r.URL.Query().Get(name) == "true" }

// pageOf reads page and size.
func pageOf(query url.Values) (number, size int, err error) {
	number, errNumber := strconv.Atoi(cmp.Or(query.Get("page"), "1"))
	size, errSize := strconv.Atoi(cmp.Or(query.Get("size"), strconv.Itoa(defaultPage)))
	if errNumber != nil || number < 1 {
		return 0, 0, invalid("query param page must be greater than or equal to 1")
	}
	if errSize != nil || size < 1 {
		return 0, 0, invalid("query param size must be greater than or equal to 1")
	}
	return min(number, 1<<30), min(size, maxPage), nil
}

// excluded reads the fields that an answer shall not have.
func excluded(text string) (fields []string) {
	_ = json.Unmarshal([]byte(text), &fields) // what cannot be read excludes nothing
	return fields
}

// shape says in which form a client wants rows.
type shape struct {
	truncate bool     // without images and what is too long
	strip    bool     // with references in place of the files that were cut out
	exclude  []string // without these fields
}

// shape brings rows into the form that the client asked for.
func (h rows) shape(r *http.Request, entries []store.Entry, as shape) error {
	for i := range entries {
		for _, field := range as.exclude {
			clearField(&entries[i], field)
		}
		if as.truncate {
			truncate(&entries[i])
		}
	}
	if as.strip || as.truncate {
		return nil
	}
	return h.store.Restore(r.Context(), h.kind, entries)
}

// truncate shortens the documents of a row.
func truncate(entry *store.Entry) {
	entry.Input, entry.Output, entry.Metadata = truncated(entry.Input), truncated(entry.Output), truncated(entry.Metadata)
}

// clearField empties a field by its name.
func clearField(entry *store.Entry, field string) {
	switch field {
	case "input":
		entry.Input = nil
	case "output":
		entry.Output = nil
	case "metadata":
		entry.Metadata = nil
	case "tags":
		entry.Tags = nil
	case "usage":
		entry.Usage = nil
	case "feedback_scores":
		entry.Scores = nil
	case "comments":
		entry.Comments = nil
	case "error_info":
		entry.Error = nil
	}
}

// query reads what a list, a search in the page or statistics are about.
func (s *server) query(r *http.Request, values url.Values) (q store.Query, err error) {
	if q.ProjectID, err = s.projectOf(r, values.Get("project_id"), values.Get("project_name")); err != nil {
		return q, err
	}
	q.TraceID, q.Type, q.Search = values.Get("trace_id"), values.Get("type"), values.Get("search")
	if q.Filters, err = readFilters(values.Get("filters")); err != nil {
		return q, err
	}
	if text := values.Get("sorting"); text != "" {
		if json.Unmarshal([]byte(text), &q.Sort) != nil {
			return q, bad("Invalid sorting query parameter '" + printable(text) + "'")
		}
	}
	q.From, q.To, err = between(values.Get("from_time"), values.Get("to_time"))
	return q, err
}

// readFilters reads filters, which stand in a query as JSON.
func readFilters(text string) (filters []store.Filter, err error) {
	if text != "" && json.Unmarshal([]byte(text), &filters) != nil {
		return nil, bad("Invalid filters query parameter '" + printable(text) + "'")
	}
	return filters, nil
}

// between reads a stretch of time.
func between(fromText, toText string) (from, to store.Time, err error) {
	for _, bound := range []struct {
		text string
		time *store.Time
	}{{fromText, &from}, {toText, &to}} {
		if bound.text == "" {
			continue
		}
		if *bound.time, err = store.ParseTime(bound.text); err != nil {
			return 0, 0, bad(err.Error())
		}
	}
	if to != 0 && to <= from {
		return 0, 0, bad("Parameter 'from_time' must be before 'to_time'")
	}
	return from, to, nil
}

// projectOf returns the id of the project that a request names in either way.
func (s *server) projectOf(r *http.Request, id, name string) (string, error) {
	if id == "" && name == "" {
		return "", bad("Either 'project_name' or 'project_id' query params must be provided")
	}
	if id != "" {
		return id, nil
	}
	project, err := s.store.ProjectNamed(r.Context(), name)
	if errors.Is(err, store.ErrNotFound) {
		return "", errNoProject
	}
	return project.ID, err
}

// stats counts over rows.
func (h rows) stats(w http.ResponseWriter, r *http.Request) error {
	query, err := h.query(r, r.URL.Query())
	stats := []store.Stat{}
	if err == nil {
		stats, err = h.store.Stats(r.Context(), h.kind, query)
	}
	if err != nil && !errors.Is(err, errNoProject) {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"stats": slices.Clip(stats)})
	return nil
}

// exists says whether there is any row.
func (h rows) exists(w http.ResponseWriter, r *http.Request) error {
	total, err := h.counted(r, h.kind)
	return answer(w, map[string]bool{"exists": total > 0}, err)
}

// counted counts the rows that a request is about. In a project that does not exist there are none.
func (s *server) counted(r *http.Request, kind store.Kind) (total int64, err error) {
	query, err := s.query(r, r.URL.Query())
	if err == nil {
		return s.store.Count(r.Context(), kind, query)
	}
	if errors.Is(err, errNoProject) {
		return 0, nil
	}
	return 0, err
}
