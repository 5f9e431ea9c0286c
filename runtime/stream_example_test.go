package opik_test

import (
	"context"
	"fmt"
	"iter"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// generate answers as a sequence of pieces.
func generate(_ context.Context, _ string) iter.Seq2[string, error] { return words(nil, "Lis", "bon") }

// A function that returns a sequence, traced by hand. The span ends with the range over it.
func ExampleStream_Seq2() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	generateTracked := func(ctx context.Context, prompt string) iter.Seq2[string, error] {
		ctx, span := opik.StartSpan(ctx, "generate", opik.SpanOptions{Type: opik.TypeLLM})
		defer span.End() // leaves the span to the stream
		opik.CaptureInput(span, "prompt", prompt)
		output := generate(ctx, prompt)
		span.Returned()
		stream := opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, piece string) {
			opik.AppendOutput(span, "output", piece)
		}, nil)
		return stream.Seq2(output)
	}

	for piece, err := range generateTracked(rec.Context(), "Where is the tram 28?") {
		fmt.Println(piece, err)
	}
	fmt.Println(rec.Traces()[0].Output)
	// Output:
	// Lis <nil>
	// bon <nil>
	// map[output:Lisbon]
}

// A function that calls back. The span ends with the call, and says how many elements there were.
func ExampleStream_Func() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	chatTracked := func(ctx context.Context, fn func(string) error) error {
		ctx, span := opik.StartSpan(ctx, "chat", opik.SpanOptions{Type: opik.TypeLLM})
		defer span.End()
		stream := opik.StreamOf(ctx, span,
			func(_ *opik.Span, acc *[]string, word string) { *acc = append(*acc, word) },
			func(span *opik.Span, acc *[]string) { opik.CaptureOutput(span, "words", *acc) })
		err := chat(ctx, stream.Func(fn))
		span.Returned(err)
		return err
	}

	_ = chatTracked(rec.Context(), func(word string) error {
		fmt.Println(word)
		return nil
	})
	span := rec.Traces()[0].Spans[0]
	fmt.Println(span.Output, span.Metadata)
	// Output:
	// a
	// b
	// c
	// map[words:[a b c]] map[stream:map[elements:3]]
}

// TokenStream is a program's own interface of a stream.
type TokenStream interface {
	Recv() (string, error)
	Close() error
}

// trackedTokens is a TokenStream that is followed.
type trackedTokens struct {
	inner  TokenStream
	stream *opik.Stream[string, struct{}]
}

func (t *trackedTokens) Recv() (string, error) { return t.stream.Recv(t.inner.Recv()) }
func (t *trackedTokens) Close() error          { return t.stream.Closed(t.inner.Close()) }

// A stream behind an interface of the program's own is wrapped in a few lines.
func ExampleStream_Recv() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	open := func(ctx context.Context) TokenStream {
		ctx, span := opik.StartSpan(ctx, "open", opik.SpanOptions{Type: opik.TypeLLM})
		defer span.End()
		var output TokenStream = newReader(nil, "one", "two", "three")
		span.Returned()
		stream := opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, token string) {
			opik.AppendOutput(span, "output", token)
		}, nil)
		return opik.Rebuild(stream, output, func(stream *opik.Stream[string, struct{}], orig TokenStream) TokenStream {
			return &trackedTokens{orig, stream}
		})
	}

	tokens := open(rec.Context())
	token, _ := tokens.Recv()
	fmt.Println(token)
	_ = tokens.Close() // enough
	span := rec.Traces()[0].Spans[0]
	fmt.Println(span.Output, span.Metadata)
	// Output:
	// one
	// map[output:one] map[stream:map[elements:1 ended:closed]]
}
