package wire

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// A target is the endpoint of a kind of rows, and how its document begins; all end in "]}". Where a row is the
// document itself the opening is empty, and the path ends with the row's id.
type target struct{ method, path, opening string }

var targets = map[record.Kind]target{
	record.KindTrace:       {http.MethodPost, "/v1/private/traces/batch", `{"traces":[`},
	record.KindSpan:        {http.MethodPost, "/v1/private/spans/batch", `{"spans":[`},
	record.KindSpanUpdate:  {http.MethodPatch, "/v1/private/spans/", ""},
	record.KindTraceScore:  {http.MethodPut, "/v1/private/traces/feedback-scores", `{"scores":[`},
	record.KindSpanScore:   {http.MethodPut, "/v1/private/spans/feedback-scores", `{"scores":[`},
	record.KindThreadScore: {http.MethodPut, "/v1/private/traces/threads/feedback-scores", `{"scores":[`},
}

// targetOf returns where rows of one kind go.
func targetOf(rows []record.Row) (target, error) {
	kind := rows[0].Kind
	t, ok := targets[kind]
	if !ok {
		return target{}, fmt.Errorf("no endpoint takes rows of kind %v", kind)
	}
	if !kind.Single() {
		return t, nil
	}
	if len(rows) > 1 {
		return target{}, fmt.Errorf("found %d rows of kind %v, expected one a request", len(rows), kind)
	}
	t.path += uuid.UUID(rows[0].ID).String()
	return t, nil
}

// judged corrects what is thought of an answer. Only a row that is created can be there already: a change that is in
// conflict names another trace, parent or project than the span has, and never will fit.
func (t target) judged(err error, response *http.Response) error {
	if err == nil && t.method == http.MethodPatch && response.StatusCode == http.StatusConflict {
		return &Error{Verdict: Divide, Status: response.StatusCode, Message: "the span has another trace, parent or project than the update says"}
	}
	return err
}
