// Package otlp turns OpenTelemetry's spans into Opik's traces and spans.
package otlp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/opikgen/opikgen/local/internal/store"
)

// IsJSON reports whether a content type names OTLP's JSON form.
func IsJSON(contentType string) bool { return strings.HasPrefix(contentType, "application/json") }

// Parse reads a request. What an exporter sends has the form of TracesData.
func Parse(body []byte, asJSON bool) (*tracepb.TracesData, error) {
	var request tracepb.TracesData
	if !asJSON {
		return &request, proto.Unmarshal(body, &request)
	}
	body, err := base64IDs(body)
	if err != nil {
		return nil, err
	}
	return &request, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &request)
}

// base64IDs rewrites the ids of a document: OTLP's JSON has them in hex, protobuf's own in base64.
func base64IDs(body []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if err := rewriteIDs(document); err != nil {
		return nil, err
	}
	return json.Marshal(document)
}

// rewriteIDs walks to every id.
func rewriteIDs(node any) error {
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			if err := rewriteIDs(item); err != nil {
				return err
			}
		}
	case map[string]any:
		return rewriteMembers(node)
	}
	return nil
}

// rewriteMembers rewrites the ids among an object's members, and looks for more in the others.
func rewriteMembers(object map[string]any) error {
	for name, item := range object {
		text, isText := item.(string)
		if !isText || !isID(name) {
			if err := rewriteIDs(item); err != nil {
				return err
			}
			continue
		}
		id, err := hex.DecodeString(text)
		if err != nil {
			return fmt.Errorf("%s is not in hex: %w", name, err)
		}
		object[name] = base64.StdEncoding.EncodeToString(id)
	}
	return nil
}

// isID reports whether a member is an id.
func isID(name string) bool {
	switch name {
	case "traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id":
		return true
	}
	return false
}

// Propose returns for each trace of the request the id that it gets if it is new: its bytes hashed behind the clock.
func Propose(request *tracepb.TracesData) map[string]string {
	ids := map[string]string{}
	for _, span := range spansOf(request) {
		key := hex.EncodeToString(span.GetTraceId())
		id := version7(span.GetStartTimeUnixNano()/1e6, span.GetTraceId())
		if known, ok := ids[key]; !ok || id < known {
			ids[key] = id
		}
	}
	return ids
}

// spansOf returns all spans of a request.
func spansOf(request *tracepb.TracesData) (spans []*tracepb.Span) {
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			spans = append(spans, scope.GetSpans()...)
		}
	}
	return spans
}

// version7 makes an id of milliseconds and the hash of another id.
func version7(millis uint64, other []byte) string {
	hash := sha256.Sum256(other)
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:], millis<<16)
	copy(id[6:], hash[:10])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// spanID is the id of a span. It shares the clock of its trace, so that a parent is found without having been seen.
func spanID(trace string, otel []byte) string {
	if len(otel) == 0 {
		return ""
	}
	parsed := uuid.MustParse(trace)
	return version7(binary.BigEndian.Uint64(parsed[:])>>16, otel)
}

// Rows returns the rows of a request. A span without a parent makes the trace, too.
func Rows(request *tracepb.TracesData, ids map[string]string, project string) (traces, spans []store.Row) {
	for _, span := range spansOf(request) {
		mapped := newMapping(span)
		row := mapped.span(span, ids[hex.EncodeToString(span.GetTraceId())])
		row.ProjectName = project
		spans = append(spans, row)
		if row.ParentID == "" && !mapped.joined {
			traces = append(traces, mapped.trace(row))
		}
	}
	dropParentUsage(spans)
	return traces, spans
}

// dropParentUsage clears the usage of a span whose child counted it already.
func dropParentUsage(spans []store.Row) {
	counted := map[string]bool{}
	for _, span := range spans {
		if len(span.Usage) > 0 {
			counted[span.ParentID] = true
		}
	}
	for i := range spans {
		if counted[spans[i].ID] {
			spans[i].Usage = nil
		}
	}
}
