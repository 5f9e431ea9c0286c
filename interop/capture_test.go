package interop_test

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// capture is an Opik that remembers the rows that it was sent, whoever sent them and in which way.
type capture struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	traces map[string]row
	spans  map[string]row
}

// row is what makes the tree.
type row struct {
	ID       string `json:"id"`
	TraceID  string `json:"trace_id"`
	ParentID string `json:"parent_span_id"`
	Name     string `json:"name"`
}

func newCapture(t *testing.T) *capture {
	t.Helper()
	c := &capture{t: t, traces: map[string]row{}, spans: map[string]row{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// ServeHTTP takes what the SDKs send: rows in batches or alone, updates, and spans of OpenTelemetry. It has nothing to
// say to their other questions.
func (c *capture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := bodyOf(r)
	if !assert.NoError(c.t, err) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/private/")
	switch {
	case r.Method == http.MethodGet:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
		return
	case path == "otel/v1/traces":
		c.takeOTLP(body)
		return
	case strings.HasPrefix(path, "traces"):
		c.take(c.traces, "traces", body)
	case strings.HasPrefix(path, "spans"):
		c.take(c.spans, "spans", body)
	}
	w.WriteHeader(http.StatusNoContent)
}

func bodyOf(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// take enters rows: those of a batch, or the one of the body. An update by PATCH changes nothing of the tree.
func (c *capture) take(rows map[string]row, name string, body []byte) {
	var batch map[string]json.RawMessage
	if !assert.NoError(c.t, json.Unmarshal(body, &batch)) {
		return
	}
	text, ok := batch[name]
	if !ok {
		text = fmt.Appendf(nil, "[%s]", body)
	}
	var all []row
	assert.NoError(c.t, json.Unmarshal(text, &all))
	for _, r := range all {
		if r.ID != "" {
			rows[r.ID] = r
		}
	}
}

// takeOTLP enters spans of OpenTelemetry by the attributes that say where they belong, as Opik does.
func (c *capture) takeOTLP(body []byte) {
	var request collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &request); err != nil {
		c.t.Error("reading spans of OpenTelemetry:", err)
		return
	}
	for _, of := range request.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			for _, span := range scope.Spans {
				r := placed(span)
				c.spans[r.ID] = r
			}
		}
	}
}

func placed(span *otlp.Span) row {
	r := row{ID: hex.EncodeToString(span.SpanId), TraceID: "of OpenTelemetry", Name: span.Name}
	for _, a := range span.Attributes {
		switch text := a.Value.GetStringValue(); a.Key {
		case "opik.trace_id":
			r.TraceID = text
		case "opik.span_id":
			r.ID = text
		case "opik.parent_span_id":
			r.ParentID = text
		}
	}
	return r
}

// tree returns the names of the spans, each on a line below its parent, and that of the trace before them. A span in
// another trace is not in it.
func (c *capture) tree() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out strings.Builder
	for _, trace := range c.traces {
		fmt.Fprintf(&out, "trace %s\n", trace.Name)
		c.below(&out, trace.ID, "", "  ")
	}
	return out.String()
}

func (c *capture) below(out *strings.Builder, trace, parent, indent string) {
	var spans []row
	for _, span := range c.spans {
		if span.TraceID == trace && span.ParentID == parent {
			spans = append(spans, span)
		}
	}
	slices.SortFunc(spans, func(a, b row) int { return strings.Compare(a.ID, b.ID) })
	for _, span := range spans {
		fmt.Fprintf(out, "%s%s\n", indent, span.Name)
		c.below(out, trace, span.ID, indent+"  ")
	}
}
