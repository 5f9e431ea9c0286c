package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// untracked returns why calls are handed on, by their names.
func untracked(t *testing.T, source string) map[string]string {
	t.Helper()
	reasons := map[string]string{}
	for _, call := range build(t, source).Calls() {
		if call.Span == nil {
			reasons[call.Name] = call.Untracked
		}
	}
	return reasons
}

const getter = "R14: takes nothing, no context either, and cannot fail"

func TestGettersAreHandedOn(t *testing.T) {
	for signature, want := range map[string]string{
		"() string":                    getter,
		"() (int, bool)":               getter,
		"() any":                       getter,
		"() struct{ F func() }":        getter,
		"()":                           "",
		"() error":                     "",
		"() (string, error)":           "",
		"() *failure":                  "",
		"() func()":                    "",
		"() <-chan int":                "",
		"() named":                     "",
		"() rows":                      "",
		"(n int) string":               "",
		"(...int) string":              "",
		"(context.Context) string":     "",
		"() Other":                     "R15: hands out what is wrapped again",
		"() (Other, string)":           "R15: hands out what is wrapped again",
		"(name string) (i I, e error)": "R15: hands out what is wrapped again",
	} {
		assert.Equal(t, want, untracked(t, `
import "context"

type failure struct{}

func (*failure) Error() string { return "" }

type named chan int

type rows interface{ Next() bool; Current() int; Err() error }

//opik:track
type Other interface{ Do(context.Context) }

//opik:track
type I interface {
	Work()
	M`+signature+`
}
`)["M"], signature)
	}
}

func TestGettersOfATypeThatHasNothingElseAreTracked(t *testing.T) {
	assert.Empty(t, untracked(t, `
//opik:track
type I interface{ A() int; B() string }
`))
	assert.Equal(t, map[string]string{"C": "opik:ignore"}, untracked(t, `
//opik:track
type I interface {
	A() int
	//opik:ignore
	C() error
}
`))
	assert.Equal(t, map[string]string{"A": getter}, untracked(t, `
//opik:track
type I interface {
	A() int
	//opik:track
	B() int
}
`))
}
