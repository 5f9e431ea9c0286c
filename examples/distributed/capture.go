package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// capture is an Opik on the loopback interface that remembers what it was sent.
type capture struct {
	*httptest.Server
	real bool // there is another, which the environment names

	mu     sync.Mutex
	traces map[string]row // by id, the one that was sent last, as in Opik
	spans  map[string]row
}

// row is what is shown of a trace or a span.
type row struct {
	ID       string    `json:"id"`
	TraceID  string    `json:"trace_id"`
	ParentID string    `json:"parent_span_id"`
	Name     string    `json:"name"`
	Type     string    `json:"type"`
	Start    time.Time `json:"start_time"`
	End      time.Time `json:"end_time"`
	Tags     []string  `json:"tags"`
}

func newCapture() *capture {
	c := &capture{traces: map[string]row{}, spans: map[string]row{}}
	for _, name := range []string{"OPIK_URL_OVERRIDE", "OPIK_API_KEY", "OPIK_SINK"} {
		c.real = c.real || os.Getenv(name) != ""
	}
	c.Server = httptest.NewServer(c)
	return c
}

// environment returns that of the processes that send here.
func (c *capture) environment() []string {
	if c.real {
		return os.Environ()
	}
	return append(os.Environ(), "OPIK_URL_OVERRIDE="+c.URL, "OPIK_WORKSPACE=default", "OPIK_SINK=opik")
}

// ServeHTTP takes a batch.
func (c *capture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := c.take(r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *capture) take(r *http.Request) error {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return err
		}
		body = unzipped
	}
	var batch struct{ Traces, Spans []row }
	if err := json.NewDecoder(body).Decode(&batch); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, trace := range batch.Traces {
		c.traces[trace.ID] = trace
	}
	for _, span := range batch.Spans {
		c.spans[span.ID] = span
	}
	return nil
}

// print prints the trace. It fails where the spans do not make one.
func (c *capture) print(out io.Writer) error {
	if c.real {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.traces) != 1 {
		return fmt.Errorf("there are %d traces, expected 1", len(c.traces))
	}
	for _, trace := range c.traces {
		fmt.Fprintf(out, "\ntrace %s %s\n", trace.Name, trace.ID)
		if shown := c.printBelow(out, "", 1); shown != len(c.spans) {
			return errors.New("some spans are not in the trace")
		}
	}
	return nil
}

// printBelow prints the spans below one, "" being the trace, and returns how many that are.
func (c *capture) printBelow(out io.Writer, parent string, depth int) (shown int) {
	var spans []row
	for _, span := range c.spans {
		if span.ParentID == parent {
			spans = append(spans, span)
		}
	}
	slices.SortFunc(spans, func(a, b row) int { return a.Start.Compare(b.Start) })
	for _, span := range spans {
		line := strings.Repeat("  ", depth) + span.Name
		fmt.Fprintf(out, "%-44s %-8s %-8s %8s\n", line, span.Type, strings.Join(span.Tags, " "), span.End.Sub(span.Start).Round(time.Microsecond))
		shown += 1 + c.printBelow(out, span.ID, depth+1)
	}
	return shown
}
