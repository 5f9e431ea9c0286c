package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Completer answers a conversation. The directive is all that opikgen needs to write TrackCompleter.
//
//opik:track type=llm provider=openai model=resp.Model
//opik:track input.messages=req.Messages output.choices=resp.Choices
//opik:track usage.prompt_tokens=resp.Usage.PromptTokens
//opik:track usage.completion_tokens=resp.Usage.CompletionTokens
//opik:track usage.total_tokens=resp.Usage.TotalTokens
type Completer interface {
	Complete(ctx context.Context, req Request) (*Response, error)
}

// A Request asks for a chat completion.
type Request struct {
	Model    string    `json:"model"`
	Messages []Message `json:"messages"`
	Tools    []Tool    `json:"tools,omitempty"`
}

// A Message is one turn of a conversation.
type Message struct {
	Role       string     `json:"role"`
	Content    string     `json:"content"`
	ToolCalls  []ToolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

// A Tool is something that the model may call.
type Tool struct {
	Type     string   `json:"type"`
	Function Function `json:"function"`
}

// A Function describes a tool to the model.
type Function struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// A ToolCall is the model's wish to call a tool.
type ToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function FunctionCall `json:"function"`
}

// A FunctionCall names the tool and carries its arguments as JSON text.
type FunctionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// A Response is what the model answered and what it cost.
type Response struct {
	ID      string   `json:"id"`
	Model   string   `json:"model"`
	Choices []Choice `json:"choices"`
	Usage   Usage    `json:"usage"`
}

// A Choice is one of the model's answers.
type Choice struct {
	Message      Message `json:"message"`
	FinishReason string  `json:"finish_reason"`
}

// Usage counts tokens.
type Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// ErrOverloaded is wrapped by the error of a request that a busy server turned away: trying again may help.
var ErrOverloaded = errors.New("the model server is overloaded")

// maxResponse bounds what is read of a server's answer, in bytes.
const maxResponse = 10 << 20

// Chat is a client of the chat completions API.
type Chat struct {
	BaseURL string // without a trailing slash, such as https://api.openai.com/v1
	Key     string // empty for a server that asks for none
}

// Complete posts the request to BaseURL/chat/completions.
func (c *Chat) Complete(ctx context.Context, req Request) (*Response, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("encoding the request: %w", err)
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BaseURL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	post.Header.Set("Content-Type", "application/json")
	if c.Key != "" {
		post.Header.Set("Authorization", "Bearer "+c.Key)
	}
	answer, err := http.DefaultClient.Do(post)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return decode(answer)
}

// decode reads a server's answer.
func decode(answer *http.Response) (*Response, error) {
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxResponse))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	switch {
	case answer.StatusCode == http.StatusServiceUnavailable || answer.StatusCode == http.StatusTooManyRequests:
		return nil, fmt.Errorf("%w: status %s", ErrOverloaded, answer.Status)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %s: %s", answer.Status, body)
	}
	response := new(Response)
	if err := json.Unmarshal(body, response); err != nil {
		return nil, fmt.Errorf("decoding the answer: %w", err)
	}
	return response, nil
}
