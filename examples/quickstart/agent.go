package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// maxSteps bounds how often the model may ask for a tool before it has to answer.
const maxSteps = 4

// answer looks facts up for the question and lets the model reason over them until it has a reply.
//
//opik:track tags=quickstart
func answer(ctx context.Context, llm Completer, question string) (string, error) {
	facts, err := retrieveTracked(ctx, question)
	if err != nil {
		return "", fmt.Errorf("retrieving facts: %w", err)
	}
	messages := prompt(facts, question)
	for range maxSteps {
		reply, err := completeWithRetryTracked(ctx, llm, messages)
		if err != nil {
			return "", err
		}
		if len(reply.ToolCalls) == 0 {
			return reply.Content, nil
		}
		messages = append(messages, reply)
		messages = append(messages, runTools(ctx, reply.ToolCalls)...)
	}
	return "", fmt.Errorf("no answer after %d steps", maxSteps)
}

// completeWithRetry asks the model, and once more if its server is overloaded.
//
//opik:track name=complete input.turns=len(messages)
func completeWithRetry(ctx context.Context, llm Completer, messages []Message) (Message, error) {
	request := Request{Model: "gpt-4o-mini", Messages: messages, Tools: []Tool{calculatorTool}}
	response, err := llm.Complete(ctx, request)
	if errors.Is(err, ErrOverloaded) {
		response, err = llm.Complete(ctx, request)
	}
	if err != nil {
		return Message{}, fmt.Errorf("completing: %w", err)
	}
	if len(response.Choices) == 0 {
		return Message{}, errors.New("the model returned no choices")
	}
	return response.Choices[0].Message, nil
}

// runTools answers each of the model's tool calls with a message. A tool's error goes to the model, which may mend
// its call.
func runTools(ctx context.Context, calls []ToolCall) []Message {
	var messages []Message
	for _, call := range calls {
		result, err := calculateTracked(ctx, call.Function.Arguments)
		if err != nil {
			result = "error: " + err.Error()
		}
		messages = append(messages, Message{Role: "tool", ToolCallID: call.ID, Content: result})
	}
	return messages
}

// prompt lays out the conversation's start.
func prompt(facts []Fact, question string) []Message {
	system := []string{"You are a travel agent. Calculate with the calculator only. Facts:"}
	for _, fact := range facts {
		system = append(system, "- "+fact.Text)
	}
	return []Message{{Role: "system", Content: strings.Join(system, "\n")}, {Role: "user", Content: question}}
}
