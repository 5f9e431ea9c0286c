// Package opiktest lets tests see what a program would have told Opik.
//
//	func TestAnswer(t *testing.T) {
//		rec := opiktest.New(t)
//		answerTracked(rec.Context(), "why?")
//		trace := rec.Traces()[0]
//		assert.Equal(t, "why?", trace.Input["question"])
//	}
//
// Nothing leaves the process: a real client talks to an Opik in memory.
package opiktest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"testing"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/internal/config"
)

// Recorder is a client and the Opik that it talks to.
type Recorder struct {
	// Client records. Code that has no context to take it from finds it after opik.SetDefault(rec.Client).
	Client *opik.Client

	server  *server
	project string // of what names none
}

// New returns a recorder for a test. It is closed when the test ends.
func New(t testing.TB) *Recorder {
	t.Helper()
	r := Open(opik.Options{})
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("closing the recorder: %v", err)
		}
	})
	return r
}

// Open returns a recorder with a client that has the given options, but for those that say where traces go. It must
// be closed. It panics on options that contradict each other.
func Open(o opik.Options) *Recorder {
	server := newServer()
	o.URL, o.APIKey, o.Workspace, o.Sink = "http://opik.invalid/api", "", "", "opik"
	o.Isolated = true
	o.HTTPClient = &http.Client{Transport: server}
	o.Delivery.NoSpool = true
	client, err := opik.New(o)
	if err != nil {
		panic(fmt.Sprintf("opiktest: %v", err))
	}
	return &Recorder{Client: client, server: server, project: cmp.Or(o.Project, config.DefaultProject)}
}

// Context returns a context in which spans are recorded.
func (r *Recorder) Context() context.Context { return opik.WithClient(context.Background(), r.Client) }

// Traces returns what was recorded so far, in the order in which it started. A span or trace that was not ended is
// not in it before the recorder is closed.
func (r *Recorder) Traces() []*Trace {
	if err := r.Client.Flush(context.Background()); err != nil {
		panic(fmt.Sprintf("opiktest: %v", err))
	}
	return r.server.traces()
}

// ThreadScores returns the feedback scores of a conversation in a project, "" being the client's.
func (r *Recorder) ThreadScores(threadID, project string) []opik.FeedbackScore {
	if err := r.Client.Flush(context.Background()); err != nil {
		panic(fmt.Sprintf("opiktest: %v", err))
	}
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	return r.server.scoresOf(threadID, cmp.Or(project, r.project))
}

// Close closes the client, which records the spans that are still open as they are.
func (r *Recorder) Close() error { return r.Client.Close(context.Background()) }
