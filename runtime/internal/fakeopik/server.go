// Package fakeopik takes traces, spans, updates and scores as Opik does, for the tests of the runtime. A batch is all
// or nothing, and of the rows of one id the one with the newest last_updated_at is kept whole. An update merges with
// what is there and counts as newest; of an id that is not there it makes a partial row, which beats an older one.
package fakeopik

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Row is what the server keeps of an id.
type Row struct {
	JSON     json.RawMessage
	Updated  time.Time
	Versions int // how often the id was stored
}

// Server is an http.Handler, and an http.RoundTripper for tests without sockets.
type Server struct {
	MaxBytes int                              // of an uncompressed request; 0 is no bound
	Refuse   func(row json.RawMessage) string // says what is wrong with a row; nil takes all

	mu       sync.Mutex
	rows     map[string]map[string]Row
	scores   map[Scored]json.RawMessage
	requests []Request
}

// Request is one request that was answered.
type Request struct {
	Path   string
	Header http.Header
	Rows   int
	Bytes  int // of the body, before compression
	Status int
	Time   time.Time
}

// ServeHTTP takes one batch.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := Request{Path: r.URL.Path, Header: r.Header, Status: http.StatusNoContent, Time: time.Now()}
	if err := s.take(r, &request); err != nil {
		request.Status = http.StatusInternalServerError
		if refused, ok := errors.AsType[*refusal](err); ok {
			request.Status = refused.status
		}
		answer(w, request.Status, err.Error())
	} else {
		w.WriteHeader(request.Status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
}

// answer writes an error as Opik does.
func answer(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string][]string{"errors": {message}}) // the client may be gone
}

// RoundTrip answers a request without a network. It gives up when the request's context ends.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	return Transport(s).RoundTrip(r)
}

// Transport turns a handler into the network before it.
func Transport(handler http.Handler) http.RoundTripper { return transport{handler} }

type transport struct{ handler http.Handler }

// RoundTrip closes the body as every transport must.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	defer func() { _ = r.Body.Close() }()
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// A refusal is an answer that blames the request.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

// names of the lists, by path.
var names = map[string]string{
	"/v1/private/traces/batch": "traces",
	"/v1/private/spans/batch":  "spans",
}

// take answers one request.
func (s *Server) take(r *http.Request, request *Request) error {
	switch r.Method {
	case http.MethodGet:
		return s.look(r)
	case http.MethodPatch:
		return s.takeUpdate(r, request)
	case http.MethodPut:
		return s.takeScores(r, request)
	default:
		return s.takeBatch(r, request)
	}
}

// takeBatch checks all rows before it keeps the first.
func (s *Server) takeBatch(r *http.Request, request *Request) error {
	name, ok := names[r.URL.Path]
	if !ok || r.Method != http.MethodPost {
		return &refusal{http.StatusNotFound, "HTTP 404 Not Found"}
	}
	list, err := s.readList(r, request, name)
	if err != nil {
		return err
	}
	checked := make([]checkedRow, len(list))
	for i, row := range list {
		if checked[i], err = s.check(row); err != nil {
			return err
		}
	}
	s.keep(name, checked)
	return nil
}

// readList reads the list that a request holds under a name.
func (s *Server) readList(r *http.Request, request *Request, name string) ([]json.RawMessage, error) {
	var document map[string][]json.RawMessage
	if err := s.readJSON(r, request, &document); err != nil {
		return nil, err
	}
	list := document[name]
	request.Rows = len(list)
	if len(list) < 1 || len(list) > 1000 {
		return nil, &refusal{http.StatusUnprocessableEntity, name + " size must be between 1 and 1000"}
	}
	return list, nil
}

// readJSON reads the document of a request.
func (s *Server) readJSON(r *http.Request, request *Request, document any) error {
	body, err := s.read(r)
	if err != nil {
		return err
	}
	request.Bytes = len(body)
	if err := json.Unmarshal(body, document); err != nil {
		return &refusal{http.StatusBadRequest, "Unable to process JSON: " + err.Error()}
	}
	return nil
}

// read uncompresses a body up to the limit.
func (s *Server) read(r *http.Request) ([]byte, error) {
	var source io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		source = unzipped
	}
	body, err := io.ReadAll(source)
	if s.MaxBytes > 0 && len(body) > s.MaxBytes {
		return nil, &refusal{http.StatusRequestEntityTooLarge, "Request Entity Too Large"}
	}
	return body, err
}

// A checkedRow is a row that may be kept.
type checkedRow struct {
	id      string
	updated time.Time
	json    json.RawMessage
}

// check is Opik's validation, as far as the runtime could offend it.
func (s *Server) check(row json.RawMessage) (checkedRow, error) {
	var fields struct {
		ID      string    `json:"id"`
		Updated time.Time `json:"last_updated_at"`
	}
	if err := json.Unmarshal(row, &fields); err != nil {
		return checkedRow{}, &refusal{http.StatusBadRequest, "Unable to process JSON: " + err.Error()}
	}
	if err := checkID(fields.ID); err != nil {
		return checkedRow{}, err
	}
	if s.Refuse != nil {
		if message := s.Refuse(row); message != "" {
			return checkedRow{}, &refusal{http.StatusUnprocessableEntity, message}
		}
	}
	return checkedRow{fields.ID, fields.Updated, row}, nil
}

// checkID checks an id of a trace or a span.
func checkID(text string) error {
	if id, err := uuid.Parse(text); err != nil || id.Version() != 7 {
		return &refusal{http.StatusBadRequest, fmt.Sprintf("id %q must be a version 7 UUID", text)}
	}
	return nil
}

// prepare makes the tables. s.mu is held.
func (s *Server) prepare() {
	if s.rows == nil {
		s.rows = map[string]map[string]Row{"traces": {}, "spans": {}}
		s.scores = map[Scored]json.RawMessage{}
	}
}

// keep stores rows, the newest of each id.
func (s *Server) keep(name string, rows []checkedRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepare()
	for _, row := range rows {
		kept := s.rows[name][row.id]
		kept.Versions++
		if kept.Versions == 1 || !row.updated.Before(kept.Updated) {
			kept.JSON, kept.Updated = row.json, row.updated
		}
		s.rows[name][row.id] = kept
	}
}

// Traces returns what is stored, by id.
func (s *Server) Traces() map[string]Row { return s.stored("traces") }

// Spans returns what is stored, by id.
func (s *Server) Spans() map[string]Row { return s.stored("spans") }

func (s *Server) stored(name string) map[string]Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.rows[name])
}

// Requests returns the requests that were answered, in their order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}
