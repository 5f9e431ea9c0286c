package wire_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestWhereRowsGo(t *testing.T) {
	for kind, want := range map[record.Kind]string{
		record.KindTrace:       `POST /api/v1/private/traces/batch {"traces":[{"a":1}]}`,
		record.KindSpan:        `POST /api/v1/private/spans/batch {"spans":[{"a":1}]}`,
		record.KindSpanUpdate:  `PATCH /api/v1/private/spans/00000000-0000-7000-8000-000000000001 {"a":1}`,
		record.KindTraceScore:  `PUT /api/v1/private/traces/feedback-scores {"scores":[{"a":1}]}`,
		record.KindSpanScore:   `PUT /api/v1/private/spans/feedback-scores {"scores":[{"a":1}]}`,
		record.KindThreadScore: `PUT /api/v1/private/traces/threads/feedback-scores {"scores":[{"a":1}]}`,
	} {
		var got, looked string
		client := newClient(t, wire.Config{URL: "http://localhost:5173/api", NoCompression: true}, func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if r.Method == http.MethodGet {
				looked = r.URL.Path
				return
			}
			got = r.Method + " " + r.URL.Path + " " + string(body)
		})
		row := record.Row{Kind: kind, ID: [16]byte{6: 0x70, 8: 0x80, 15: 1}, Body: []byte(`{"a":1}`)}
		require.NoError(t, client.Deliver(t.Context(), []record.Row{row}))
		assert.Equal(t, want, got)
		if kind == record.KindSpanUpdate {
			assert.Contains(t, want, looked+" ", "it asks first whether the span is there")
			assert.NotEmpty(t, looked)
		} else {
			assert.Empty(t, looked)
		}
		if kind.Single() {
			require.ErrorContains(t, client.Deliver(t.Context(), []record.Row{row, row}), "expected one a request")
		}
	}
}

func TestAConflict(t *testing.T) {
	client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) })
	require.NoError(t, client.Deliver(t.Context(), []record.Row{{Kind: record.KindSpan, Body: []byte(`{}`)}}), "the row is there")
	err := client.Deliver(t.Context(), []record.Row{{Kind: record.KindSpanUpdate, Unchecked: true, Body: []byte(`{}`)}})
	require.ErrorContains(t, err, "409 Conflict: the span has another trace, parent or project than the update says")
}

// TestWhatElseIsSaidOfARow has answers that say nothing about the row.
func TestWhatElseIsSaidOfARow(t *testing.T) {
	tests := []struct {
		name   string
		row    record.Row
		status int
		kind   string
		want   wire.Verdict
	}{
		{"a page", record.Row{Kind: record.KindSpanUpdate, Unchecked: true}, 409, "text/html", wire.Pause},
		{"a wrong address", record.Row{Kind: record.KindSpanUpdate, Unchecked: true}, 404, "", wire.Pause},
		{"an Opik that is down", record.Row{Kind: record.KindSpanComment}, 503, "", wire.Retry},
		{"an Opik that is down at last", record.Row{Kind: record.KindTraceComment, Unchecked: true}, 503, "", wire.Retry},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.kind)
				w.WriteHeader(test.status)
			})
			test.row.Body = []byte(`{}`)
			fault, ok := errors.AsType[*wire.Error](client.Deliver(t.Context(), []record.Row{test.row}))
			require.True(t, ok)
			assert.Equal(t, test.want, fault.Verdict)
		})
	}
}

// TestALookThatFails says nothing about the span, but about who was asked.
func TestALookThatFails(t *testing.T) {
	for status, want := range map[int]wire.Verdict{401: wire.Pause, 503: wire.Retry} {
		client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		fault, ok := errors.AsType[*wire.Error](client.Deliver(t.Context(), []record.Row{{Kind: record.KindSpanUpdate, Body: []byte(`{}`)}}))
		require.True(t, ok)
		assert.Equal(t, want, fault.Verdict)
	}
}

func TestAnUpdateOfASpanThatIsNotThere(t *testing.T) {
	var methods []string
	client := newClient(t, config, func(w http.ResponseWriter, r *http.Request) {
		methods = append(methods, r.Method)
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	update := record.Row{Kind: record.KindSpanUpdate, Body: []byte(`{}`)}
	fault, ok := errors.AsType[*wire.Error](client.Deliver(t.Context(), []record.Row{update}))
	require.True(t, ok)
	assert.Equal(t, wire.Await, fault.Verdict)
	assert.Equal(t, []string{"GET"}, methods)
	update.Unchecked = true
	require.NoError(t, client.Deliver(t.Context(), []record.Row{update}))
	assert.Equal(t, []string{"GET", "PATCH"}, methods)
}
