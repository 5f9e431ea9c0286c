package opik_test

import (
	"bytes"
	"context"
	"errors"
	"expvar"
	"fmt"
	"log"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// lookup is a step that is traced by hand, the way generated code traces one.
func lookup(ctx context.Context, city string) (population int, err error) {
	_, span := opik.StartSpan(ctx, "lookup", opik.SpanOptions{Type: opik.TypeTool})
	defer span.End()
	opik.CaptureInput(span, "city", city)
	if city != "Lisbon" {
		err = errors.New("no such city")
	}
	span.Returned(err)
	opik.CaptureOutput(span, "population", 545_923)
	return 545_923, err
}

// The quick start: a trace with a step below, traced by hand.
func Example() {
	// In a program, opik.Options{} takes the URL and the key from the environment.
	rec := opiktest.Open(opik.Options{Project: "cities"})
	defer func() { _ = rec.Close() }()

	ctx, span := opik.StartSpan(rec.Context(), "answer", opik.SpanOptions{})
	opik.CaptureInput(span, "question", "How many people live in Lisbon?")
	population, _ := lookup(ctx, "Lisbon")
	opik.CaptureOutput(span, "output", population)
	span.End()

	trace := rec.Traces()[0]
	fmt.Println(trace.Project, trace.Name, trace.Output["output"])
	fmt.Println(trace.Find("lookup").Type, trace.Find("lookup").Input["city"])
	// Output:
	// cities answer 545923
	// tool Lisbon
}

// A program makes one client when it starts and closes it before it ends.
func ExampleNew() {
	client, err := opik.New(opik.Options{Sink: "console", Isolated: true})
	if err != nil {
		log.Fatal(err)
	}
	opik.SetDefault(client)
	defer func() {
		if err := opik.Close(context.Background()); err != nil {
			log.Print(err)
		}
		opik.SetDefault(nil)
	}()
	fmt.Println(client.Active())
	// Output: true
}

// What is learned after a span has ended replaces what was sent.
func ExampleSpan_Update() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	_, span := opik.StartSpan(rec.Context(), "summarize", opik.SpanOptions{Type: opik.TypeLLM})
	opik.CaptureOutput(span, "output", map[string]any{"text": "In short, yes."})
	span.End()

	span.Update(opik.SpanUpdate{
		Output: map[string]any{"output": map[string]any{"checked": true}},
		Tags:   []string{"reviewed"},
	})

	got := rec.Traces()[0].Spans[0]
	fmt.Println(got.Output["output"], got.Tags)
	// Output: map[checked:true text:In short, yes.] [reviewed]
}

// Traces with the same thread id are a conversation.
func ExampleTraceOptions_threads() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	for _, message := range []string{"hello", "and again"} {
		_, span := opik.StartSpan(rec.Context(), "turn", opik.SpanOptions{ThreadID: "support-7"})
		opik.CaptureInput(span, "message", message)
		span.End()
	}

	for _, trace := range rec.Traces() {
		fmt.Println(trace.ThreadID, trace.Input["message"])
	}
	// Output:
	// support-7 hello
	// support-7 and again
}

// A mask sees every value before it is kept. Where a type is one's own, a field tag does: `opik:"redact"`.
func ExampleOptions_mask() {
	rec := opiktest.Open(opik.Options{Mask: func(_ string, v []byte) []byte {
		return bytes.ReplaceAll(v, []byte("4111 1111 1111 1111"), []byte("****"))
	}})
	defer func() { _ = rec.Close() }()

	_, span := opik.StartSpan(rec.Context(), "pay", opik.SpanOptions{})
	opik.CaptureInput(span, "message", "my card is 4111 1111 1111 1111")
	opik.CaptureInput(span, "account", struct {
		User     string `json:"user"`
		Password string `json:"password" opik:"redact"`
	}{"ada", "secret"})
	span.End()

	input := rec.Traces()[0].Input
	fmt.Println(input["message"])
	fmt.Println(input["account"])
	// Output:
	// my card is ****
	// map[password:[redacted] user:ada]
}

// On AWS Lambda and its like the process may be frozen as soon as the handler has returned. Flush makes the end of
// its span wait until everything is delivered.
func ExampleSpanOptions_flush() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	handler := func(ctx context.Context, event string) string {
		_, span := opik.StartSpan(ctx, "handler", opik.SpanOptions{Flush: true})
		defer span.End()
		opik.CaptureInput(span, "event", event)
		return "done"
	}
	fmt.Println(handler(rec.Context(), "e"), rec.Client.Stats().Queued)
	// Output: done 0
}

// Code deep below a span reaches it by the context.
func ExampleUpdateCurrentSpan() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	deepBelow := func(ctx context.Context) {
		opik.UpdateCurrentSpan(ctx, opik.SpanUpdate{Metadata: map[string]any{"cache": "hit"}})
		opik.UpdateCurrentTrace(ctx, opik.TraceUpdate{Tags: []string{"cached"}})
	}
	ctx, span := opik.StartSpan(rec.Context(), "answer", opik.SpanOptions{})
	deepBelow(ctx)
	span.End()

	trace := rec.Traces()[0]
	fmt.Println(trace.Tags, trace.Spans[0].Metadata)
	// Output: [cached] map[cache:hit]
}

// One trace in ten is recorded, but every one of those that matter.
func ExampleOptions_sampling() {
	rec := opiktest.Open(opik.Options{SampleRule: func(s opik.TraceStart) float64 {
		switch s.Name {
		case "health check":
			return 0
		case "checkout":
			return 1
		default:
			return 0.1
		}
	}})
	defer func() { _ = rec.Close() }()

	for _, name := range []string{"health check", "checkout"} {
		_, span := opik.StartSpan(rec.Context(), name, opik.SpanOptions{})
		span.End()
	}

	for _, trace := range rec.Traces() {
		fmt.Println(trace.Name)
	}
	// Output: checkout
}

// The state of a client is one line of expvar away.
func ExampleClient_Stats() {
	rec := opiktest.Open(opik.Options{})
	defer func() { _ = rec.Close() }()

	expvar.Publish("opik", expvar.Func(func() any { return rec.Client.Stats() }))

	_, span := opik.StartSpan(rec.Context(), "answer", opik.SpanOptions{Flush: true})
	span.End()

	stats := rec.Client.Stats()
	fmt.Println(stats.Sent, stats.Queued, len(stats.Dropped))
	// Output: 2 0 0
}

// opiktest records what a program would have told Opik.
func Example_test() {
	rec := opiktest.Open(opik.Options{}) // opiktest.New(t) in a test
	defer func() { _ = rec.Close() }()

	_, err := lookup(rec.Context(), "Atlantis")

	span := rec.Traces()[0].Find("lookup")
	fmt.Println(err)
	fmt.Println(span.Error.Message, span.Input["city"])
	// Output:
	// no such city
	// no such city Atlantis
}
