package loopback

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// Want is what the span of a call has to say.
type Want struct {
	Type                  string // llm where it is empty
	Name, Model, Provider string
	Input, Output         string         // JSON; an empty output is none
	Usage                 map[string]int // nil is none
	Metadata              map[string]any // these entries, among others; a nil one must not be there
	Error                 string         // the type of the error, if any
	Tags                  []string
}

// With returns w after a change.
func (w Want) With(change func(*Want)) Want {
	w.Metadata = maps.Clone(w.Metadata)
	change(&w)
	return w
}

// Ended is the metadata of a stream, which ended with its last element where how is empty.
func Ended(elements int, how string) map[string]any {
	if how == "" {
		return map[string]any{"elements": elements}
	}
	return map[string]any{"elements": elements, "ended": how}
}

// Case is a call of an SDK and what becomes of it.
type Case struct {
	Name   string
	Answer Answer
	How    How
	Want   Want
	Fails  bool // the caller gets an error
}

// Call makes a call, and returns what it brought: a response, or the elements of a stream.
type Call[A any] func(ctx context.Context, api A, h How, cancel context.CancelFunc) (any, error)

// SDK is an SDK under test. A is an interface with the methods that are called: the client and its wrapper have them.
type SDK[A any] struct {
	Client func(url string) A
	Track  func(client A) A
}

// Run makes a call three times: as it is, tracked, and tracked where nothing is recorded. The caller must not see a
// difference, nor the server, and the span has to say what is wanted, and no secret.
func (sdk SDK[A]) Run(t *testing.T, call Call[A], cases ...Case) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { sdk.run(t, call, c) })
	}
}

func (sdk SDK[A]) run(t *testing.T, call Call[A], c Case) {
	server := New(t, c.Answer)
	client := sdk.Client(server.URL)
	tracked := sdk.Track(client)
	made := func(ctx context.Context, api A) (any, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		return call(ctx, api, c.How, cancel)
	}
	want, wantErr := made(t.Context(), client)

	rec := opiktest.New(t)
	got, err := made(rec.Context(), tracked)
	c.same(t, want, got, wantErr, err)
	c.Want.Check(t, rec)

	got, err = made(opik.WithClient(t.Context(), nil), tracked)
	c.same(t, want, got, wantErr, err)
	c.check(t, server)
}

// check looks at what the server saw of the three calls.
func (c Case) check(t *testing.T, server *Server) {
	t.Helper()
	requests := server.Requests()
	require.Len(t, requests, 3)
	for _, r := range requests {
		assert.Equal(t, requests[0].Body, r.Body)
		if c.Answer.Hang {
			<-server.Left
		}
	}
}

// same compares what two calls brought.
func (c Case) same(t *testing.T, want, got any, wantErr, err error) {
	t.Helper()
	assert.Equal(t, want, got)
	assert.Equal(t, c.Fails, wantErr != nil, wantErr)
	assert.Equal(t, describe(wantErr), describe(err))
}

// describe writes an error and what it wraps by their types. Messages may have the ports of connections.
func describe(err error) string {
	var wrapped []string
	switch err := err.(type) { //nolint:errorlint // the chain is taken apart here
	case nil:
		return ""
	case interface{ Unwrap() []error }:
		for _, e := range err.Unwrap() {
			wrapped = append(wrapped, describe(e))
		}
	case interface{ Unwrap() error }:
		wrapped = append(wrapped, describe(err.Unwrap()))
	}
	return fmt.Sprintf("%T(%s)", err, strings.Join(wrapped, ", "))
}

// Check compares the one span that was recorded with what is wanted.
func (w Want) Check(t *testing.T, rec *opiktest.Recorder) {
	t.Helper()
	recorded := func() bool { return len(rec.Traces()) > 0 } // a stream that is abandoned ends a little later
	require.Eventually(t, recorded, 5*time.Second, time.Millisecond)
	traces := rec.Traces()
	require.Len(t, traces, 1)
	require.Len(t, traces[0].Spans, 1)
	span := traces[0].Spans[0]
	assert.False(t, span.End.IsZero(), "the span has not ended")
	assert.Equal(t, cmp.Or(w.Type, "llm"), span.Type)
	assert.Equal(t, w.Name, span.Name)
	assert.Equal(t, w.Model, span.Model)
	assert.Equal(t, w.Provider, span.Provider)
	assert.Equal(t, w.Usage, span.Usage)
	assert.Equal(t, w.Tags, span.Tags)
	assert.JSONEq(t, orNothing(w.Input), text(t, span.Input))
	assert.JSONEq(t, orNothing(w.Output), text(t, span.Output))
	w.checkMetadata(t, span.Metadata)
	w.checkError(t, span.Error)
	assert.NotContains(t, text(t, traces), "canary")
}

func (w Want) checkMetadata(t *testing.T, got map[string]any) {
	t.Helper()
	for name, want := range w.Metadata {
		if want == nil {
			assert.NotContains(t, got, name)
			continue
		}
		assert.JSONEq(t, text(t, want), text(t, got[name]), name)
	}
}

func (w Want) checkError(t *testing.T, got *opiktest.Error) {
	t.Helper()
	if w.Error == "" {
		assert.Nil(t, got)
	} else if assert.NotNil(t, got) {
		assert.Equal(t, w.Error, got.Type, got.Message)
	}
}

func orNothing(object string) string {
	if object == "" {
		return "null"
	}
	return object
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
