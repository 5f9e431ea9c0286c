package wire

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/runtime/internal/record"
)

// A target is the endpoint of a kind of rows, and how its document begins; all end in "]}". Where a row is the
// document itself the opening is empty, and the path goes on with the row's id and the suffix.
type target struct {
	method, path, opening, suffix string

	last bool // what the row is about is not waited for any longer
}

var targets = map[record.Kind]target{
	record.KindTrace:        {method: http.MethodPost, path: "/v1/private/traces/batch", opening: `{"traces":[`},
	record.KindSpan:         {method: http.MethodPost, path: "/v1/private/spans/batch", opening: `{"spans":[`},
	record.KindSpanUpdate:   {method: http.MethodPatch, path: "/v1/private/spans/"},
	record.KindTraceScore:   {method: http.MethodPut, path: "/v1/private/traces/feedback-scores", opening: `{"scores":[`},
	record.KindSpanScore:    {method: http.MethodPut, path: "/v1/private/spans/feedback-scores", opening: `{"scores":[`},
	record.KindThreadScore:  {method: http.MethodPut, path: "/v1/private/traces/threads/feedback-scores", opening: `{"scores":[`},
	record.KindTraceComment: {method: http.MethodPost, path: "/v1/private/traces/", suffix: "/comments"},
	record.KindSpanComment:  {method: http.MethodPost, path: "/v1/private/spans/", suffix: "/comments"},
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
	t.last = rows[0].Unchecked
	t.path += uuid.UUID(rows[0].ID).String() + t.suffix
	return t, nil
}

// judged corrects what is thought of an answer. Only a row that is created can be there already: a change that is in
// conflict names another trace, parent or project than the span has, and never will fit. What a comment is about may be
// slow to show, and if it never does it is the comment that is wrong, not the address.
func (t target) judged(err error, response *http.Response) error {
	switch {
	case err == nil && t.method == http.MethodPatch && response.StatusCode == http.StatusConflict:
		return &Error{Verdict: Divide, Status: response.StatusCode, Message: "the span has another trace, parent or project than the update says"}
	case t.suffix != "" && response.StatusCode == http.StatusNotFound && t.last:
		return &Error{Verdict: Divide, Status: response.StatusCode, Message: "there is nothing that the comment could be about"}
	case t.suffix != "" && response.StatusCode == http.StatusNotFound:
		return &Error{Verdict: Await, Status: response.StatusCode, Message: "what the comment is about is not there yet"}
	}
	return err
}
