package opikotel_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	opik "github.com/opikgen/opikgen/runtime"
	opikotel "github.com/opikgen/opikgen/runtime/otel"
)

// What package opik records goes where an exporter of OpenTelemetry sends it: with otlptracehttp.New, to a collector.
func ExampleExport() {
	exporter := tracetest.NewInMemoryExporter()
	client, err := opik.New(opik.Options{Isolated: true, Export: opikotel.Export(exporter, nil)})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, span := client.StartSpan(context.Background(), "chat", opik.SpanOptions{Type: opik.TypeLLM})
	opik.CaptureModel(span, "gpt-5")
	opik.CaptureUsage(span, "prompt_tokens", 12)
	span.End()
	if err := client.Flush(context.Background()); err != nil {
		fmt.Println(err)
	}
	for _, sent := range exporter.GetSpans() {
		for _, a := range sent.Attributes[:4] {
			fmt.Println(sent.Name, a.Key, a.Value.String())
		}
	}
	_ = client.Close(context.Background())
	// Output:
	// chat gen_ai.operation.name chat
	// chat gen_ai.request.model gpt-5
	// chat gen_ai.response.model gpt-5
	// chat opik.project_name Default Project
}
