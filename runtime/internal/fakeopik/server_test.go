package fakeopik_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
)

// ids are version 7 UUIDs.
const (
	first  = "019f3a5e-0000-7000-8000-000000000001"
	second = "019f3a5e-0000-7000-8000-000000000002"
)

// post sends a batch of spans and returns the status.
func post(t *testing.T, server *fakeopik.Server, rows ...string) int {
	t.Helper()
	return send(t, server, http.MethodPost, "/spans/batch", `{"spans":[`+strings.Join(rows, ",")+`]}`)
}

// row is a span whose version is the minute of its last update.
func row(id string, version int) string {
	return fmt.Sprintf(`{"id":%q,"version":%d,"last_updated_at":"2026-01-01T00:%02d:00Z"}`, id, version, version)
}

// kept returns the version of a span that the server has.
func kept(t *testing.T, server *fakeopik.Server, id string) int {
	t.Helper()
	var span struct{ Version int }
	require.NoError(t, json.Unmarshal(server.Spans()[id].JSON, &span))
	return span.Version
}

func TestTheNewestVersionWins(t *testing.T) {
	server := &fakeopik.Server{}
	for _, rows := range [][]string{{row(first, 2)}, {row(first, 3), row(second, 1)}, {row(first, 1), row(second, 5), row(second, 4)}} {
		require.Equal(t, http.StatusNoContent, post(t, server, rows...))
	}
	assert.Equal(t, 3, kept(t, server, first))
	assert.Equal(t, 5, kept(t, server, second))
	assert.Equal(t, 3, server.Spans()[first].Versions)
	assert.Empty(t, server.Traces())
}

func TestABatchIsTakenWholeOrNotAtAll(t *testing.T) {
	tests := []struct {
		name, bad string
		want      int
	}{
		{"no JSON", `{`, http.StatusBadRequest},
		{"no row", `7`, http.StatusBadRequest},
		{"version 4", row("3f0a7c56-51b5-4d0c-9c53-3d0f7b1b2c4d", 1), http.StatusBadRequest},
		{"refused", `{"id":"` + second + `","name":"bad"}`, http.StatusUnprocessableEntity},
		{"too large", `{"id":"` + second + `","name":"` + strings.Repeat("x", 3000) + `"}`, http.StatusRequestEntityTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := &fakeopik.Server{MaxBytes: 2000, Refuse: func(row json.RawMessage) string {
				if strings.Contains(string(row), "bad") {
					return "bad"
				}
				return ""
			}}
			assert.Equal(t, test.want, post(t, server, row(first, 1), test.bad))
			assert.Empty(t, server.Spans())
			assert.Equal(t, test.want, server.Requests()[0].Status)
		})
	}
}

func TestTheNumberOfRowsIsBounded(t *testing.T) {
	server := &fakeopik.Server{}
	rows := make([]string, 1001)
	for i := range rows {
		rows[i] = row(fmt.Sprintf("019f3a5e-0000-7000-8000-%012d", i), 1)
	}
	assert.Equal(t, http.StatusUnprocessableEntity, post(t, server, rows...))
	assert.Equal(t, http.StatusUnprocessableEntity, post(t, server))
	assert.Equal(t, http.StatusNoContent, post(t, server, rows[:1000]...))
	assert.Len(t, server.Spans(), 1000)
}
