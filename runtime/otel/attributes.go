package opikotel

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	opik "github.com/opikgen/opikgen/runtime"
)

// providers are the names that OpenTelemetry has for providers, by Opik's, where they differ.
var providers = map[string]string{
	"google_ai":          "gcp.gemini",
	"google_vertexai":    "gcp.vertex_ai",
	"anthropic_vertexai": "gcp.vertex_ai",
	"bedrock":            "aws.bedrock",
}

// counts are the names that OpenTelemetry has for usage, by Opik's.
var counts = map[string]attribute.Key{
	"prompt_tokens":                              semconv.GenAIUsageInputTokensKey,
	"completion_tokens":                          semconv.GenAIUsageOutputTokensKey,
	"original_usage.cache_read_input_tokens":     semconv.GenAIUsageCacheReadInputTokensKey,
	"original_usage.cache_creation_input_tokens": semconv.GenAIUsageCacheCreationInputTokensKey,
}

// attributesOf returns what is known of a row beside its name, its times and its place.
func attributesOf(row opik.Finished) []attribute.KeyValue {
	var l list
	l.operation(row)
	l.text(semconv.GenAIConversationIDKey, row.ThreadID)
	l.text(semconv.GenAIProviderNameKey, cmp.Or(providers[row.Provider], row.Provider))
	l.text(semconv.GenAIRequestModelKey, row.Model)
	l.text(semconv.GenAIResponseModelKey, row.Model)
	l.text("opik.project_name", row.Project)
	l.text(semconv.DeploymentEnvironmentNameKey, row.Environment)
	l.usage(row)
	l.metadata(row.Metadata)
	if len(row.Tags) > 0 {
		l.add(attribute.StringSlice("opik.tags", row.Tags))
	}
	if row.TTFT > 0 {
		l.add(attribute.Float64("opik.ttft", row.TTFT.Seconds()))
	}
	if row.Failure != nil {
		l.text(semconv.ErrorTypeKey, row.Failure.Type)
	}
	return l
}

// list is a list of attributes that grows.
type list []attribute.KeyValue

func (l *list) add(a attribute.KeyValue) { *l = append(*l, a) }

// text adds a text that says something.
func (l *list) text(key attribute.Key, text string) {
	if text != "" {
		l.add(key.String(text))
	}
}

// operation adds what was done, what with and what came of it.
func (l *list) operation(row opik.Finished) {
	input, output := membersOf(row.Input), membersOf(row.Output)
	switch row.Type {
	case opik.TypeLLM:
		l.add(semconv.GenAIOperationNameChat)
		l.text(semconv.GenAIInputMessagesKey, takeMessages(input))
		l.text(semconv.GenAIOutputMessagesKey, takeAnswer(output))
	case opik.TypeTool:
		l.add(semconv.GenAIOperationNameExecuteTool)
		l.text(semconv.GenAIToolNameKey, row.Name)
		l.members(semconv.GenAIToolCallArgumentsKey, input)
		l.members(semconv.GenAIToolCallResultKey, output)
		return
	}
	l.members("opik.input", input)
	l.members("opik.output", output)
}

// members adds members, if there are any, as the text of an object.
func (l *list) members(key attribute.Key, members map[string]json.RawMessage) {
	if len(members) == 0 {
		return
	}
	if text, err := json.Marshal(members); err == nil {
		l.text(key, string(text))
	}
}

// usage adds the counts and the cost.
func (l *list) usage(row opik.Finished) {
	for _, name := range slices.Sorted(maps.Keys(row.Usage)) {
		l.add(cmp.Or(counts[name], attribute.Key("opik.usage."+name)).Int(row.Usage[name]))
	}
	if row.TotalCost != nil {
		l.add(attribute.Float64("gen_ai.usage.cost", *row.TotalCost)) // no convention, but what Opik reads
	}
}

// metadata adds the metadata, each member by itself, but for the link.
func (l *list) metadata(text json.RawMessage) {
	members := membersOf(text)
	delete(members, linkTrace)
	delete(members, linkSpan)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		l.text(attribute.Key("opik.metadata."+name), cmp.Or(textOf(members[name]), string(members[name])))
	}
}

// membersOf returns the members of an object, none of anything else.
func membersOf(text json.RawMessage) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // no object, no members
	return members
}

// textOf returns a JSON string, "" for anything else.
func textOf(raw json.RawMessage) string {
	var text string
	_ = json.Unmarshal(raw, &text) // no string, no text
	return text
}
