package rest_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

func TestParseFilters(t *testing.T) {
	tests := []struct {
		query string
		want  []rest.Filter
	}{
		{"", nil},
		{" \t", nil},
		{`duration > 5 and tags contains "prod"`, []rest.Filter{
			{Field: "duration", Operator: rest.Greater, Value: "5"}, {Field: "tags", Operator: rest.Contains, Value: "prod"},
		}},
		{`duration>=-5.25 AND name="a ""b"" and c"`, []rest.Filter{
			{Field: "duration", Operator: rest.GreaterOrEqual, Value: "-5.25"}, {Field: "name", Operator: rest.Equal, Value: `a "b" and c`},
		}},
		{`usage.total_tokens <= 12`, []rest.Filter{{Field: "usage.total_tokens", Operator: rest.LessOrEqual, Value: "12"}}},
		{`metadata.user.tier != "gold"`, []rest.Filter{{Field: "metadata", Key: "user.tier", Operator: rest.NotEqual, Value: "gold"}}},
		{`metadata."user id" = 42`, []rest.Filter{{Field: "metadata", Key: "user id", Operator: rest.Equal, Value: "42"}}},
		{`metadata.'it''s' is_empty`, []rest.Filter{{Field: "metadata", Key: "it's", Operator: rest.IsEmpty}}},
		{`feedback_scores.quality is_not_empty and error_info IS_EMPTY`, []rest.Filter{
			{Field: "feedback_scores", Key: "quality", Operator: rest.IsNotEmpty}, {Field: "error_info", Operator: rest.IsEmpty},
		}},
		{`type in ("llm" , "tool")`, []rest.Filter{{Field: "type", Operator: rest.In, Value: []string{"llm", "tool"}}}},
		{`start_time > "2026-05-04T12:30:00+02:00"`, []rest.Filter{{Field: "start_time", Operator: rest.Greater, Value: "2026-05-04T12:30:00+02:00"}}},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			found, err := rest.ParseFilters(rest.EntitySpan, test.query)
			require.NoError(t, err)
			assert.Equal(t, test.want, found)
		})
	}
}

// TestMistakes has a mark, ^, where the mistake is to be found.
func TestMistakes(t *testing.T) {
	tests := []struct{ query, want string }{
		{`^= 5`, `found "=", expected a field`},
		{`name = "a" and ^`, "found the end, expected a field"},
		{`^title = "a"`, `a span has no field "title" to filter by: want one of duration, end_time`},
		{`^thread_id = "a"`, `a span has no field "thread_id"`},
		{`^usage.tokens > 5`, `a span has no field "usage"`},
		{`^name.first = "a"`, `name is a text, which has no key "first"`},
		{`^metadata = "a"`, "metadata is an object by key: want metadata.KEY"},
		{`metadata.^ = "a"`, `found "", expected a key`},
		{`metadata.a.^= "a"`, `found "=", expected a key`},
		{`metadata.^"a = 5`, "the quote is never closed"},
		{`name ^like "a"`, `found "like", expected an operator`},
		{`name^`, "found the end, expected an operator"},
		{`duration ^contains "5"`, `the operator "contains" is not for duration, which is a number: want one of = != > >= < <=`},
		{`tags ^> "a"`, `the operator ">" is not for tags, which is a list: want one of = != contains not_contains is_empty is_not_empty`},
		{`metadata.a ^>= 5`, `the operator ">=" is not for metadata`},
		{`duration > ^five`, `found "five", expected a number or a text in double quotes`},
		{`duration > ^5s`, `found "5s", expected a number`},
		{`duration > ^5.`, `expected a number`},
		{`duration > ^`, "found the end, expected a number"},
		{`duration > ^"many"`, `duration is a number, found "many"`},
		{`start_time > ^"today"`, `start_time is a time, found "today", expected one like 2006-01-02T15:04:05Z`},
		{`name = ^""`, "the value of name is blank"},
		{`name = ^"a`, "the quote is never closed"},
		{`name = ^'a'`, `found "'a'", expected a number or a text in double quotes`},
		{`type in ^"llm"`, `found "\"llm\"", expected a list like ("a", "b")`},
		{`type in (^)`, `found ")", expected a text in double quotes`},
		{`type in ("llm" ^"tool")`, "expected a comma or a closing bracket"},
		{`type in ^("a,b")`, "takes no value that is empty or holds a comma"},
		{`name = "a" ^or name = "b"`, "there is no or in this language: make a query for each side"},
		{`name = "ü" ^name = "b"`, `found "name", expected and`},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			at := strings.Index(test.query, "^")
			query := test.query[:at] + test.query[at+1:]
			_, err := rest.ParseFilters(rest.EntitySpan, query)
			mistake, ok := errors.AsType[*rest.QueryError](err)
			require.True(t, ok, "found %v", err)
			assert.Equal(t, at, mistake.Offset)
			assert.Equal(t, query, mistake.Query)
			assert.Contains(t, mistake.Message, test.want)
		})
	}
}

func TestTheTextOfAMistake(t *testing.T) {
	_, err := rest.ParseFilters(rest.EntityTrace, `name = "ü" or id = "b"`)
	require.EqualError(t, err, `query "name = \"ü\" or id = \"b\"", column 12: there is no or in this language: make a query for each side`)
	_, err = rest.ParseFilters("dataset", `name = "a"`)
	require.EqualError(t, err, `found the entity "dataset", expected "span", "trace" or "thread"`)
}

// FuzzParseFilters holds the parser to what it says of mistakes, and its results to the rest of the package.
func FuzzParseFilters(f *testing.F) {
	for _, query := range []string{
		`duration > 5 and tags contains "prod"`, `metadata."user ""id""" = "42"`, `type in ("llm", "tool")`,
		`feedback_scores.a is_empty`, `usage.total_tokens>=1.5`, `metadata.'a`, "name = \"\xff\" or",
	} {
		for kind := range uint8(3) {
			f.Add(kind, query)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, query string) {
		entity := entities[int(kind)%len(entities)]
		filters, err := rest.ParseFilters(entity, query)
		if err != nil {
			mistake, ok := errors.AsType[*rest.QueryError](err)
			require.True(t, ok)
			require.LessOrEqual(t, mistake.Offset, len(query))
			require.NotEmpty(t, mistake.Error())
			if utf8.ValidString(query) {
				assert.True(t, utf8.ValidString(query[mistake.Offset:]), "the position is in the middle of a character")
			}
			return
		}
		for _, filter := range filters {
			assert.NotEmpty(t, filter.Field)
			assert.NotEmpty(t, filter.Operator)
		}
		assert.NoError(t, rest.CheckQuery(entity, rest.Query{Filters: filters, Where: query}))
	})
}
