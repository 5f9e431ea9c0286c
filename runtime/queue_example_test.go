package opik_test

import (
	"context"
	"errors"
	"fmt"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// message is what queues have in common: a body, and attributes that are strings.
type message struct {
	Body       string
	Attributes map[string]string
}

// publish sends the place of ctx along with a message.
func publish(ctx context.Context, queue chan<- message, body string) {
	ctx, span := opik.StartSpan(ctx, "publish", opik.SpanOptions{})
	defer span.End()
	queue <- message{Body: body, Attributes: opik.Headers(ctx)}
}

// consume handles messages, each in a span below the one that published it, also when it comes a second time.
func consume(ctx context.Context, queue <-chan message) {
	for m := range queue {
		handle(opik.ExtractMap(ctx, m.Attributes), m)
	}
}

func handle(ctx context.Context, m message) {
	_, span := opik.StartSpan(ctx, "handle", opik.SpanOptions{})
	defer span.End()
	opik.CaptureInput(span, "body", m.Body)
	if m.Body == "" {
		span.SetError(errors.New("there is nothing in the message"))
	}
}

// A trace goes through a queue in the attributes of its messages. The trace may have ended when a message is handled: its
// spans are added to it, however late.
func Example_queue() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	queue := make(chan message, 2)
	ctx, span := opik.StartSpan(rec.Context(), "order", opik.SpanOptions{})
	publish(ctx, queue, "two nights in Porto")
	publish(ctx, queue, "")
	span.End()
	close(queue)

	consume(rec.Context(), queue) // in another process, with a client of its own

	for _, published := range rec.Traces()[0].Find("order").Spans {
		handled := published.Spans[0]
		fmt.Println(published.Name, handled.Name, handled.Input["body"], handled.Error != nil)
	}
	// Output:
	// publish handle two nights in Porto false
	// publish handle  true
}
