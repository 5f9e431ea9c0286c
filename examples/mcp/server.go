package main

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// meters is how long a unit is.
var meters = map[string]float64{"mile": 1609.344, "league": 4828.032}

// lookup is what the tool is called with. The SDK makes the tool's schema of it.
type lookup struct {
	Unit string `json:"unit" jsonschema:"the name of a unit of length"`
}

// newServer makes a server with one tool.
func newServer() *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "units", Version: "v1.0.0"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "meters", Description: "Tells how many meters a unit of length has."}, length)
	return server
}

// length answers a call. Of its error the SDK makes a result that says IsError, so that a model can read it.
func length(_ context.Context, _ *mcp.CallToolRequest, l lookup) (*mcp.CallToolResult, any, error) {
	n, ok := meters[l.Unit]
	if !ok {
		return nil, nil, fmt.Errorf("%q is no unit that this tool knows", l.Unit)
	}
	text := fmt.Sprintf("A %s is %.0f meters.", l.Unit, n)
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil, nil
}
