package wire_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/opikgen/opikgen/runtime/internal/fakeopik"
	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is what all tests begin with.
var config = wire.Config{URL: "https://opik.example.com/api/", APIKey: "s3cret-key", Workspace: "team", Version: "1.2.3"}

// newClient returns a client whose network is the handler.
func newClient(t *testing.T, config wire.Config, handler http.HandlerFunc) *wire.Client {
	t.Helper()
	config.HTTP = &http.Client{Transport: fakeopik.Transport(handler)}
	client, err := wire.New(config)
	require.NoError(t, err)
	return client
}

// spans makes one row of each body.
func spans(bodies ...string) []record.Row {
	rows := make([]record.Row, len(bodies))
	for i, body := range bodies {
		rows[i] = record.Row{Kind: record.KindSpan, Body: []byte(body)}
	}
	return rows
}

// deliver sends one row and returns what became of it.
func deliver(ctx context.Context, t *testing.T, client *wire.Client) *wire.Error {
	t.Helper()
	err := client.Deliver(ctx, spans(`{"id":1}`))
	if err == nil {
		return &wire.Error{}
	}
	fault, ok := errors.AsType[*wire.Error](err)
	require.True(t, ok, "found %v, expected a *wire.Error", err)
	return fault
}
