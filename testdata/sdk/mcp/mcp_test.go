package mcp_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	mcpgo "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/mcp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// toolCase is a call of a tool and what becomes of it.
type toolCase struct {
	name, tool string
	arguments  map[string]any
	fails      bool
	want       loopback.Want
}

var weather = loopback.Want{
	Type: "tool", Name: "weather", Tags: []string{"mcp"}, Input: `{"arguments":{"city":"Lisbon"}}`,
	Output:   `{"content":[{"type":"text","text":"sunny in Lisbon"}],"structuredContent":{"sky":"sunny"}}`,
	Metadata: map[string]any{"created_from": "mcp"},
}

var lisbon = map[string]any{"city": "Lisbon"}

var toolCases = []toolCase{
	{name: "fine", tool: "weather", arguments: lisbon, want: weather},
	{name: "the tool fails", tool: "broken", arguments: lisbon, want: weather.With(func(w *loopback.Want) {
		w.Name, w.Output, w.Error = "broken", `{"content":[{"type":"text","text":"no connection"}]}`, "*errors.errorString"
	})},
	{name: "no such tool", tool: "unknown", arguments: lisbon, fails: true, want: weather.With(func(w *loopback.Want) {
		w.Name, w.Output, w.Error = "unknown", "", "*errors.errorString"
	})},
	{name: "cancelled", tool: "slow", arguments: lisbon, fails: true, want: weather.With(func(w *loopback.Want) {
		w.Name, w.Output, w.Error = "slow", "", "*errors.errorString"
	})},
}

// run makes each call three times, as [loopback.SDK] does.
func run[A, R any](t *testing.T, plain, tracked A, called func(ctx context.Context, api A, tool string, arguments map[string]any) (R, error), change func(*loopback.Want)) {
	for _, c := range toolCases {
		t.Run(c.name, func(t *testing.T) {
			call := func(ctx context.Context, api A) (R, error) {
				ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
				defer cancel()
				if c.tool == "slow" {
					time.AfterFunc(20*time.Millisecond, cancel)
				}
				return called(ctx, api, c.tool, c.arguments)
			}
			want, wantErr := call(t.Context(), plain)
			rec := opiktest.New(t)
			got, err := call(rec.Context(), tracked)
			off, offErr := call(opik.WithClient(t.Context(), nil), tracked)
			assert.Equal(t, c.fails, wantErr != nil, wantErr)
			assert.Equal(t, wantErr, err)
			assert.Equal(t, wantErr, offErr)
			assert.Equal(t, want, got)
			assert.Equal(t, want, off)
			c.want.With(change).Check(t, rec)
		})
	}
}

type arguments struct {
	City string `json:"city"`
}

// session is connected with a server in this process.
func session(t *testing.T) *mcp.ClientSession {
	t.Helper()
	s := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "weather"}, func(_ context.Context, _ *mcp.CallToolRequest, a arguments) (*mcp.CallToolResult, map[string]string, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "sunny in " + a.City}}}, map[string]string{"sky": "sunny"}, nil
	})
	mcp.AddTool(s, &mcp.Tool{Name: "broken"}, func(context.Context, *mcp.CallToolRequest, arguments) (*mcp.CallToolResult, any, error) {
		return nil, nil, errors.New("no connection")
	})
	mcp.AddTool(s, &mcp.Tool{Name: "slow"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ arguments) (*mcp.CallToolResult, any, error) {
		<-ctx.Done()
		return nil, nil, ctx.Err()
	})
	here, there := mcp.NewInMemoryTransports()
	serving, err := s.Connect(t.Context(), there, nil)
	require.NoError(t, err)
	connected, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), here, nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, connected.Close())
		_ = serving.Wait()
	})
	return connected
}

type caller interface {
	CallTool(ctx context.Context, params *mcp.CallToolParams) (*mcp.CallToolResult, error)
}

func TestSession(t *testing.T) {
	plain := session(t)
	call := func(ctx context.Context, s caller, tool string, arguments map[string]any) (*mcp.CallToolResult, error) {
		return s.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: arguments})
	}
	run[caller](t, plain, wrapped.TrackSession(plain), call, func(w *loopback.Want) {
		if w.Name == "unknown" {
			w.Error = "*jsonrpc2.WireError"
		}
	})
}

// connected is a client of a server in this process.
func connected(t *testing.T) client.MCPClient {
	t.Helper()
	s := server.NewMCPServer("test", "1")
	add := func(name string, answer server.ToolHandlerFunc) {
		s.AddTool(mcpgo.NewTool(name, mcpgo.WithString("city")), answer)
	}
	add("weather", func(_ context.Context, request mcpgo.CallToolRequest) (*mcpgo.CallToolResult, error) {
		return mcpgo.NewToolResultStructured(map[string]any{"sky": "sunny"}, "sunny in "+request.GetString("city", "")), nil
	})
	add("broken", func(context.Context, mcpgo.CallToolRequest) (*mcpgo.CallToolResult, error) {
		return mcpgo.NewToolResultError("no connection"), nil
	})
	add("slow", func(ctx context.Context, _ mcpgo.CallToolRequest) (*mcpgo.CallToolResult, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	c, err := client.NewInProcessClient(s)
	require.NoError(t, err)
	require.NoError(t, c.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	_, err = c.Initialize(t.Context(), mcpgo.InitializeRequest{})
	require.NoError(t, err)
	return c
}

func TestClient(t *testing.T) {
	plain := connected(t)
	call := func(ctx context.Context, c client.MCPClient, tool string, arguments map[string]any) (*mcpgo.CallToolResult, error) {
		return c.CallTool(ctx, mcpgo.CallToolRequest{Params: mcpgo.CallToolParams{Name: tool, Arguments: arguments}})
	}
	run[client.MCPClient](t, plain, wrapped.TrackClient(plain), call, func(*loopback.Want) {})
}

// TestNilParams leaves it to the SDK what becomes of a call without any.
func TestNilParams(t *testing.T) {
	rec := opiktest.New(t)
	_, err := wrapped.TrackSession(session(t)).CallTool(rec.Context(), nil)
	require.Error(t, err)
	assert.Equal(t, "ClientSession.CallTool", rec.Traces()[0].Spans[0].Name)
}
