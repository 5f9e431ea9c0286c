// Command mcp calls the tools of a server of the Model Context Protocol, one call being refused by its tool, and shows
// the calls as one trace.
//
// The server is in this program, behind the SDK's transport in memory. The trace goes to the terminal, or with
// OPIK_SINK=opik to the Opik that OPIK_URL_OVERRIDE and OPIK_API_KEY name.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	opik "github.com/opikgen/opikgen/runtime"
)

//go:generate go tool opikgen

// Tools is what this program needs of a session with a server. A tool that says IsError has failed, although the
// call returns no error.
//
//opik:track type=tool
type Tools interface {
	//opik:track output.tools=resp.Tools
	ListTools(ctx context.Context, params *mcp.ListToolsParams) (*mcp.ListToolsResult, error)

	//opik:track name=req.Name input.arguments=req.Arguments
	//opik:track output.content=resp.Content failed=resp.IsError
	CallTool(ctx context.Context, params *mcp.CallToolParams) (*mcp.CallToolResult, error)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mcp:", err)
		os.Exit(1)
	}
}

// run calls tools and returns when its trace is delivered.
func run(ctx context.Context, out io.Writer) (err error) {
	tracing, err := opik.New(opik.Options{Project: "mcp", Sink: cmp.Or(os.Getenv("OPIK_SINK"), "console")})
	if err != nil {
		return fmt.Errorf("starting tracing: %w", err)
	}
	defer func() { err = errors.Join(err, tracing.Close(context.WithoutCancel(ctx))) }()

	session, err := connect(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	// The wrapped session and the tracked twin of convert are all that tracing asks of a program.
	answers, err := convertTracked(opik.WithClient(ctx, tracing), TrackTools(session), []string{"mile", "league", "parsec"})
	for _, answer := range answers {
		fmt.Fprintln(out, answer)
	}
	return err
}

// connect starts the server and a session with it.
func connect(ctx context.Context) (*mcp.ClientSession, error) {
	here, there := mcp.NewInMemoryTransports()
	if _, err := newServer().Connect(ctx, there, nil); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "example", Version: "v1.0.0"}, nil).Connect(ctx, here, nil)
	if err != nil {
		return nil, fmt.Errorf("connecting to the server: %w", err)
	}
	return session, nil
}

// convert asks the first tool that the server has what each unit is.
//
//opik:track ignore_arguments=tools
func convert(ctx context.Context, tools Tools, units []string) (answers []string, err error) {
	list, err := tools.ListTools(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("listing the tools: %w", err)
	}
	if len(list.Tools) == 0 {
		return nil, errors.New("the server has no tools")
	}
	for _, unit := range units {
		result, err := tools.CallTool(ctx, &mcp.CallToolParams{Name: list.Tools[0].Name, Arguments: map[string]any{"unit": unit}})
		if err != nil {
			return nil, fmt.Errorf("converting a %s: %w", unit, err)
		}
		answers = append(answers, textOf(result))
	}
	return answers, nil
}

func textOf(result *mcp.CallToolResult) string {
	var text strings.Builder
	for _, content := range result.Content {
		if part, ok := content.(*mcp.TextContent); ok {
			text.WriteString(part.Text)
		}
	}
	return text.String()
}
