package bench

import (
	"context"

	opik "github.com/opikgen/opikgen/runtime"
)

// opikTracer makes the calls that a generated wrapper makes.
type opikTracer struct{ client *opik.Client }

func newOpik(options opik.Options) (*opikTracer, error) {
	client, err := opik.New(options)
	return &opikTracer{client: client}, err
}

func (o *opikTracer) unit(ctx context.Context) {
	ctx = opik.WithClient(ctx, o.client)
	ctx, root := opik.StartSpan(ctx, "answer", opik.SpanOptions{Type: opik.TypeLLM})
	defer root.End()
	record(root)
	for range spansPerUnit - 1 {
		o.child(ctx)
	}
}

func (o *opikTracer) child(ctx context.Context) {
	_, span := opik.StartSpan(ctx, "complete", opik.SpanOptions{Type: opik.TypeLLM})
	defer span.End()
	record(span)
}

func record(span *opik.Span) {
	question, reply := nextCall()
	opik.CaptureInput(span, "messages", question)
	span.Returned(nil)
	opik.CaptureOutput(span, "messages", reply)
	opik.CaptureUsage(span, "prompt_tokens", tokens.prompt)
	opik.CaptureUsage(span, "completion_tokens", tokens.completion)
}

func (o *opikTracer) flush(ctx context.Context) error { return o.client.Flush(ctx) }
func (o *opikTracer) close(ctx context.Context) error { return o.client.Close(ctx) }
