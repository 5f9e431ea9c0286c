package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/anthropics/anthropic-sdk-go"
)

// weatherTool describes weather to the model.
var weatherTool = anthropic.ToolUnionParam{OfTool: &anthropic.ToolParam{
	Name:        "weather",
	Description: anthropic.String("Tells today's weather in a city."),
	InputSchema: anthropic.ToolInputSchemaParam{
		Properties: map[string]any{"city": map[string]any{"type": "string"}},
		Required:   []string{"city"},
	},
}}

// runTools answers all tool calls of a message. A tool's error goes to the model, which may mend its call.
func runTools(ctx context.Context, reply *anthropic.Message) []anthropic.ContentBlockParamUnion {
	var results []anthropic.ContentBlockParamUnion
	for _, block := range reply.Content {
		if block.Type != "tool_use" {
			continue
		}
		result, err := weatherTracked(ctx, block.Input)
		if err != nil {
			result = err.Error()
		}
		results = append(results, anthropic.NewToolResultBlock(block.ID, result, err != nil))
	}
	return results
}

// forecasts is what weather knows.
var forecasts = map[string]string{"Lisbon": "rain in the afternoon, 17 degrees", "Porto": "sunny, 15 degrees"}

// weather reads the arguments that the model wrote, such as {"city":"Lisbon"}.
//
//opik:track type=tool
func weather(_ context.Context, arguments json.RawMessage) (forecast string, err error) {
	var call struct{ City string }
	if err := json.Unmarshal(arguments, &call); err != nil {
		return "", fmt.Errorf("reading the arguments: %w", err)
	}
	forecast, ok := forecasts[call.City]
	if !ok {
		return "", fmt.Errorf("there is no forecast for %q", call.City)
	}
	return forecast, nil
}
