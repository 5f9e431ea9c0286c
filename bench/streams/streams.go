// Package streams has answers that are streamed in all the ways that opikgen follows, and the wrappers that it generates
// for them, to measure what an element costs.
package streams

import (
	"context"
	"io"
	"iter"
)

//go:generate go tool opikgen

//opik:wrap github.com/openai/openai-go/v3.ChatCompletionService as=OpenAI
//opik:wrap github.com/anthropics/anthropic-sdk-go.MessageService as=Anthropic

// Chunk is an element of an answer.
type Chunk struct {
	Text  string
	Usage *Usage
}

// Usage is what an answer used. The last element has it.
type Usage struct{ PromptTokens, CompletionTokens int }

// Reader is a stream that is read by Recv.
type Reader interface{ Recv() (Chunk, error) }

// Iterator is a stream that is read by Next and Current.
type Iterator interface {
	Next() bool
	Current() Chunk
	Err() error
}

// Model answers in elements.
//
//opik:track type=llm
type Model interface {
	Seq(ctx context.Context, prompt string) iter.Seq2[Chunk, error]
	Chan(ctx context.Context, prompt string) (<-chan Chunk, error)
	Func(ctx context.Context, prompt string, each func(Chunk) error) error
	Recv(ctx context.Context, prompt string) (Reader, error)
	Next(ctx context.Context, prompt string) (Iterator, error)
}

// elements is how many elements an answer has.
const elements = 1000

// fake is a model that says the same word again and again.
type fake struct{}

// at returns an element. The last one has the usage.
func at(i int) Chunk {
	c := Chunk{Text: "word "}
	if i == elements-1 {
		c.Usage = &lastUsage
	}
	return c
}

var lastUsage = Usage{PromptTokens: 9, CompletionTokens: elements}

func (fake) Seq(context.Context, string) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		for i := range elements {
			if !yield(at(i), nil) {
				return
			}
		}
	}
}

func (fake) Chan(context.Context, string) (<-chan Chunk, error) {
	c := make(chan Chunk)
	go func() {
		defer close(c)
		for i := range elements {
			c <- at(i)
		}
	}()
	return c, nil
}

func (fake) Func(_ context.Context, _ string, each func(Chunk) error) error {
	for i := range elements {
		if err := each(at(i)); err != nil {
			return err
		}
	}
	return nil
}

func (fake) Recv(context.Context, string) (Reader, error) { return new(pieces), nil }

func (fake) Next(context.Context, string) (Iterator, error) { return new(pieces), nil }

// pieces is a stream of both kinds.
type pieces struct {
	read int
	cur  Chunk
}

func (p *pieces) Next() bool {
	if p.read == elements {
		return false
	}
	p.cur = at(p.read)
	p.read++
	return true
}

func (p *pieces) Current() Chunk { return p.cur }
func (p *pieces) Err() error     { return nil }

func (p *pieces) Recv() (Chunk, error) {
	if !p.Next() {
		return Chunk{}, io.EOF
	}
	return p.cur, nil
}
