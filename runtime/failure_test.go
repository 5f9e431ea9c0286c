package opik_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

type customError struct{ code int }

func (e customError) Error() string { return fmt.Sprint("code ", e.code) }

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

type endless struct{}

func (endless) Error() string   { return "again" }
func (e endless) Unwrap() error { return e }

func TestErrorInfo(t *testing.T) {
	boom := errors.New("boom")
	operation := &net.OpError{Op: "dial", Net: "tcp", Err: boom}
	cases := map[string]struct {
		errs []error
		want opiktest.Error
	}{
		"plain": {[]error{boom}, opiktest.Error{
			Type: "*errors.errorString", Message: "boom", Traceback: "*errors.errorString: boom",
		}},
		"custom": {[]error{customError{7}}, opiktest.Error{
			Type: "opik_test.customError", Message: "code 7", Traceback: "opik_test.customError: code 7",
		}},
		"wrapped": {[]error{fmt.Errorf("a: %w", fmt.Errorf("b: %w", operation))}, opiktest.Error{
			Type: "*net.OpError", Message: "a: b: dial tcp: boom",
			Traceback: "*fmt.wrapError: a: b: dial tcp: boom\n*fmt.wrapError: b: dial tcp: boom\n" +
				"*net.OpError: dial tcp: boom\n*errors.errorString: boom",
		}},
		"joined": {[]error{fmt.Errorf("x: %w", errors.Join(boom, fs.ErrNotExist))}, opiktest.Error{
			Type: "*errors.errorString", Message: "x: boom\nfile does not exist",
			Traceback: "*fmt.wrapError: x: boom\nfile does not exist\n*errors.joinError: boom\nfile does not exist\n" +
				"  *errors.errorString: boom\n  *errors.errorString: file does not exist",
		}},
		"several results": {[]error{nil, customError{1}, nil, boom}, opiktest.Error{
			Type: "opik_test.customError", Message: "code 1\nboom",
			Traceback: "*errors.joinError: code 1\nboom\n  opik_test.customError: code 1\n  *errors.errorString: boom",
		}},
		"nil in an interface": {[]error{(*nilError)(nil)}, opiktest.Error{
			Type:      "*opik_test.nilError",
			Message:   "[*opik_test.nilError: Error panicked: runtime error: invalid memory address or nil pointer dereference]",
			Traceback: "*opik_test.nilError: [*opik_test.nilError: Error panicked: runtime error: invalid memory address or nil pointer dereference]",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			span := recordSpan(t, func(s *opik.Span) { s.Returned(c.errs...) })
			require.NotNil(t, span.Error)
			assert.Equal(t, c.want, *span.Error)
		})
	}
}

// quoting is an error that says all that the one which it wraps says.
type quoting struct {
	error
	cause error
}

func (q quoting) Unwrap() error { return q.cause }

// TestAnErrorThatQuotesALot is about a chain of errors that all quote the same answer: its traceback took fifty times the
// memory that it was cut to in the end.
func TestAnErrorThatQuotesALot(t *testing.T) {
	said := errors.New(strings.Repeat("x", 4<<20))
	err := said
	for range 60 {
		err = quoting{said, err}
	}
	var before, after runtime.MemStats
	rec := recorder(t, opik.Options{MaxValueBytes: 1 << 20})
	_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	runtime.ReadMemStats(&before)
	span.SetError(err)
	runtime.ReadMemStats(&after)
	span.End()
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(40<<20))
	traceback := rec.Traces()[0].Spans[0].Error.Traceback
	assert.True(t, strings.HasPrefix(traceback, "opik_test.quoting: xxxx"))
	assert.Less(t, len(traceback), 1<<20+100)
}

// torn is an error that says what it is, and panics when it is asked for more.
type torn struct{}

func (torn) Error() string   { return "torn" }
func (torn) Unwrap() []error { panic("no more") }

func TestAnErrorWhoseUnwrapPanics(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) { s.SetError(fmt.Errorf("a: %w", torn{})) })
	assert.Equal(t, opiktest.Error{
		Type: "opik_test.torn", Message: "a: torn", Traceback: "*fmt.wrapError: a: torn\nopik_test.torn: torn",
	}, *span.Error)
}

func TestErrorChainWithoutAnEnd(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) { s.Returned(endless{}) })
	assert.Equal(t, "again", span.Error.Message)
	assert.Less(t, len(span.Error.Traceback), 10_000)
}

func TestReturnedWithoutAnErrorIsNoFailure(t *testing.T) {
	assert.Nil(t, recordSpan(t, func(s *opik.Span) { s.Returned() }).Error)
	assert.Nil(t, recordSpan(t, func(s *opik.Span) { s.Returned(nil, nil) }).Error)
}

func TestSetError(t *testing.T) {
	span := recordSpan(t, func(s *opik.Span) {
		s.SetError(errors.New("first"))
		s.SetError(nil)
	})
	assert.Equal(t, "first", span.Error.Message)
}
