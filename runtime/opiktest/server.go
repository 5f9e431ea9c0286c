package opiktest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// server is Opik as far as the endpoints go that the runtime writes to, without a network: of the rows with one id it
// keeps the one with the largest last_updated_at.
type server struct {
	mu      sync.Mutex
	traceBy map[string]*record.Trace
	spanBy  map[string]*record.Span
	scoreBy map[subject][]*record.Score

	commentsOn map[string][]string          // by the id of the trace or the span
	filesOf    map[string][]opik.Attachment // likewise
	uploads    []*record.Attachment         // that were started
}

func newServer() *server {
	return &server{
		traceBy:    map[string]*record.Trace{},
		spanBy:     map[string]*record.Span{},
		scoreBy:    map[subject][]*record.Score{},
		commentsOn: map[string][]string{},
		filesOf:    map[string][]opik.Attachment{},
	}
}

// RoundTrip answers a request.
func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	status, text := http.StatusNoContent, ""
	var err error
	if strings.HasSuffix(r.URL.Path, "/attachment/upload-start") {
		status = http.StatusOK
		text, err = s.startUpload(r)
	} else {
		err = s.take(r)
	}
	if err != nil {
		status, text = http.StatusBadRequest, err.Error()
	}
	return &http.Response{
		StatusCode: status,
		Status:     http.StatusText(status),
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{},
		Body:       io.NopCloser(strings.NewReader(text)),
		Request:    r,
	}, nil
}

// take enters what a request says.
func (s *server) take(r *http.Request) error {
	if r.Method == http.MethodGet {
		return nil // a look for the span of another process, which is always there
	}
	body, err := read(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, path, _ := strings.Cut(r.URL.Path, "/v1/private/")
	if number, ok := strings.CutPrefix(path, uploadPath); ok {
		return s.takeFile(number, body)
	}
	return s.takeDocument(r, path, body)
}

// takeDocument enters what a document says. s.mu is held.
func (s *server) takeDocument(r *http.Request, path string, body []byte) error {
	var batch struct {
		Traces []json.RawMessage `json:"traces"`
		Spans  []json.RawMessage `json:"spans"`
		Scores []json.RawMessage `json:"scores"`
	}
	if err := json.Unmarshal(body, &batch); err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	id, ofSpan := strings.CutPrefix(path, "spans/")
	switch {
	case r.Method == http.MethodPost && path == "traces/batch":
		return s.takeTraces(batch.Traces)
	case r.Method == http.MethodPost && path == "spans/batch":
		return s.takeSpans(batch.Spans)
	case r.Method == http.MethodPatch && ofSpan:
		return s.takeUpdate(id, body)
	case r.Method == http.MethodPut && scored(path):
		return s.takeScores(batch.Scores)
	}
	if id, ok := commented(path); ok && r.Method == http.MethodPost {
		return s.takeComment(id, body)
	}
	return fmt.Errorf("%s %s is no endpoint of this server", r.Method, r.URL.Path)
}

// read returns the body of a request, uncompressed.
func read(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Content-Encoding") != "gzip" {
		return body, err
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the body is not gzip: %w", err)
	}
	return io.ReadAll(z)
}

func (s *server) takeTraces(rows []json.RawMessage) error {
	for _, row := range rows {
		t, err := record.DecodeTrace(row)
		if err != nil {
			return err
		}
		if old := s.traceBy[t.ID]; old == nil || old.Updated.Before(t.Updated) {
			s.traceBy[t.ID] = t
		}
	}
	return nil
}

func (s *server) takeSpans(rows []json.RawMessage) error {
	for _, row := range rows {
		span, err := record.DecodeSpan(row)
		if err != nil {
			return err
		}
		if old := s.spanBy[span.ID]; old == nil || old.Updated.Before(span.Updated) {
			s.spanBy[span.ID] = span
		}
	}
	return nil
}
