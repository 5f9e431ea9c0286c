package rest_test

import (
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// uncovered are the operations about spans, traces, threads, scores, comments and attachments that no method asks for.
var uncovered = map[string]string{
	"evaluateSpans":                      "starts rules of the server's online evaluation; nothing is read back or written",
	"evaluateTraces":                     "as evaluateSpans",
	"evaluateThreads":                    "as evaluateSpans",
	"receiveProtobufTraces":              "takes what OpenTelemetry's exporters send",
	"findFeedbackDefinitions":            "definitions are the configuration of the user interface",
	"createFeedbackDefinition":           "as findFeedbackDefinitions",
	"getFeedbackDefinitionById":          "as findFeedbackDefinitions",
	"updateFeedbackDefinition":           "as findFeedbackDefinitions",
	"deleteFeedbackDefinitionById":       "as findFeedbackDefinitions",
	"deleteFeedbackDefinitionsBatch":     "as findFeedbackDefinitions",
	"findFeedbackScoreNames":             "is about experiments",
	"findFeedbackScoreNamesByProjectIds": "asks for several projects at once what Names asks for one",
}

// misdocumented are operations whose body the document describes wrongly, and the schema that Opik's code takes.
var misdocumented = map[string]string{
	"deleteAttachments": "DeleteAttachmentsRequest",
}

var covers = regexp.MustCompile(`/(spans|traces|threads|attachment|comments|is-alive)(/|$)|feedback-|^/v1/private/auth$`)

// TestDocument checks all requests of all methods against Opik's API document, and whether there is a method for each
// of its operations.
func TestDocument(t *testing.T) {
	document := readDocument(t)
	asked := map[string]bool{}
	for _, m := range methods() {
		server := serve(t, m.answer)
		_, err := m.call(t.Context(), server.client(t))
		require.NoError(t, err, m.name)
		for _, request := range server.asked() {
			if strings.HasPrefix(request.Path, "/store/") {
				continue
			}
			template, op, ok := document.operation(request)
			if assert.True(t, ok, "%s: %s %s is not in the document", m.name, request.Method, request.Path) {
				asked[op.ID] = true
				assert.Empty(t, document.checkRequest(template, op, request), m.name)
			}
		}
	}
	document.checkCovered(t, asked)
}

// TestTheCheckFindsMistakes holds the check itself to what it is to find.
func TestTheCheckFindsMistakes(t *testing.T) {
	document := readDocument(t)
	tests := []struct{ line, query, body, want string }{
		{"POST /v1/private/spans", "", `{"start_time":"2026-05-04T10:30:00Z","name":null}`, "body.name is null"},
		{"POST /v1/private/spans", "", `{"name":"a"}`, "body.start_time is missing"},
		{"POST /v1/private/spans", "", `{"start_time":"2026-05-04T10:30:00+02:00"}`, "expected a time in UTC"},
		{"POST /v1/private/spans", "", `{"start_time":"2026-05-04T10:30:00Z","type":"lmm"}`, "expected general, tool, llm, guardrail"},
		{"POST /v1/private/spans", "", `{"start_time":"2026-05-04T10:30:00Z","id":"42"}`, "expected a UUIDv7"},
		{"POST /v1/private/spans", "", `{"start_time":"2026-05-04T10:30:00Z","usage":{"a":1.5}}`, "expected integer"},
		{"POST /v1/private/spans", "", `{"start_time":"2026-05-04T10:30:00Z","cost":1}`, "body.cost is not in the document"},
		{"POST /v1/private/spans", "", `{"start_time":"2026-05-04T10:30:00Z","total_estimated_cost":-1}`, "out of range"},
		{"POST /v1/private/spans/batch", "", `{"spans":[]}`, "has 0 items"},
		{"POST /v1/private/spans/" + spanID + "/comments", "", `{"text":"a","created_by":"b"}`, "read only"},
		{"POST /v1/private/spans/" + spanID + "/comments", "", ``, "the body is missing"},
		{"GET /v1/private/spans", "sort=a", ``, "sort is not in the document"},
		{"GET /v1/private/spans", "page=x", ``, "page is no integer"},
		{"GET /v1/private/attachment/list", "", ``, "project_id is missing"},
	}
	for _, test := range tests {
		method, path, _ := strings.Cut(test.line, " ")
		request := captured{Method: method, Path: path, Query: test.query, Body: []byte(test.body)}
		template, op, ok := document.operation(request)
		require.True(t, ok, test.line)
		assert.Contains(t, strings.Join(document.checkRequest(template, op, request), "\n"), test.want)
	}
}

// readDocument reads the API document.
func readDocument(t *testing.T) *apiDocument {
	t.Helper()
	text, err := os.ReadFile(documentPath(t))
	require.NoError(t, err)
	document := &apiDocument{}
	require.NoError(t, yaml.Unmarshal(text, document))
	return document
}

// checkCovered finds operations that nobody asks for, and reasons that are none.
func (d *apiDocument) checkCovered(t *testing.T, asked map[string]bool) {
	t.Helper()
	known := map[string]bool{}
	for path, operations := range d.Paths {
		for method, op := range operations {
			known[op.ID] = true
			if covers.MatchString(path) {
				assert.NotEqual(t, asked[op.ID], uncovered[op.ID] != "", "%s (%s %s) needs a method or a reason, not both", op.ID, method, path)
			}
		}
	}
	for id := range uncovered {
		assert.True(t, known[id], "%s is not in the document", id)
	}
}

// operation finds the operation that a request is for. A path that is written out goes before one with a place for an id.
func (d *apiDocument) operation(r captured) (template string, op operation, ok bool) {
	for path, operations := range d.Paths {
		found, has := operations[strings.ToLower(r.Method)]
		if has && fits(path, r.Path) && (!ok || strings.Count(path, "{") < strings.Count(template, "{")) {
			template, op, ok = path, found, true
		}
	}
	return template, op, ok
}

// fits reports whether a path is made from the template.
func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && uuidForm.MatchString(got)
	})
}

// checkRequest returns what is wrong with a request.
func (d *apiDocument) checkRequest(template string, op operation, r captured) []string {
	return append(d.checkQuery(op, r), d.checkBody(template, op, r)...)
}

// checkQuery checks the parameters.
func (d *apiDocument) checkQuery(op operation, r captured) (found []string) {
	query, err := url.ParseQuery(r.Query)
	if err != nil {
		return []string{err.Error()}
	}
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		value, given := query[p.Name]
		delete(query, p.Name)
		switch {
		case given:
			found = append(found, p.check(d, value[0])...)
		case p.Required:
			found = append(found, p.Name+" is missing")
		}
	}
	for name := range query {
		found = append(found, name+" is not in the document")
	}
	return found
}

// check checks the value of a parameter: numbers and booleans are written as in JSON, everything else as it is.
func (p parameter) check(d *apiDocument, text string) []string {
	var value any = text
	if p.Schema.Type == "integer" || p.Schema.Type == "boolean" {
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			return []string{p.Name + " is no " + p.Schema.Type}
		}
	}
	return d.check(p.Schema, p.Name, value)
}

// checkBody checks the body.
func (d *apiDocument) checkBody(template string, op operation, r captured) []string {
	if op.Body == nil || op.Body.Content["application/json"].Schema == nil {
		if len(r.Body) > 0 && op.Body == nil {
			return []string{template + " takes no body"}
		}
		return nil
	}
	if len(r.Body) == 0 {
		return []string{"the body is missing"}
	}
	described := op.Body.Content["application/json"].Schema
	if name, wrong := misdocumented[op.ID]; wrong {
		described = d.Components.Schemas[name]
	}
	var value any
	if err := json.Unmarshal(r.Body, &value); err != nil {
		return []string{err.Error()}
	}
	return d.check(described, "body", value)
}
