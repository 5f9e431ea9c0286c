package generator

import (
	"cmp"
	"go/token"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
	"github.com/opikgen/opikgen/generator/internal/model"
)

// A Diagnostic is a mistake in the sources: where it is, and what was found, what was expected, and what to do.
type Diagnostic = directive.Diagnostic

// A Key is a key of the directives, as the manual and the README print it.
type Key = directive.Key

// Keys returns all keys of the directives, in the order in which they are best learned.
func Keys() []Key { return directive.Keys() }

// Tracked is one call of what is tracked, for people who want to know what is reported.
type Tracked struct {
	Pos      token.Position // of the directive
	Target   string         // what is called: "answer", "Completer.Complete"
	Wrapper  string         // what to call in its place: "answerTracked", "TrackedCompleter.Complete"
	Span     string         // the span's name
	Type     string         // the span's type: general, tool, llm or guardrail
	Preset   string         // the name of the preset that the call takes, or empty
	Reason   string         // why it takes that: "is example.com/llm.Model.Chat"
	Shape    string         // what was recognised by the types, without a preset: "R1 output.Usage, R5 output.Model"
	Captures []string       // what is recorded: "input.question", "model", "usage.total_tokens"; and "headers=in" or "headers=out"

	// Untracked says why a method of a wrapper is handed on without a span: it is a getter, say. There is nothing then
	// in what stands between it and Wrapper.
	Untracked string
}

// tracked lists the calls of a file.
func tracked(file *model.File) iter.Seq[Tracked] {
	return func(yield func(Tracked) bool) {
		for _, call := range file.Calls() {
			if !yield(row(call)) {
				return
			}
		}
	}
}

func row(call *model.Func) Tracked {
	wrapper := call.Name
	if call.Recv != nil {
		wrapper = call.Recv.Type + "." + call.Name
	}
	described := Tracked{Pos: call.Site, Target: call.Target, Wrapper: wrapper, Untracked: call.Untracked}
	if span := call.Span; span != nil {
		described.Span, described.Type = span.Name, strings.ToLower(strings.TrimPrefix(cmp.Or(span.Type, "TypeGeneral"), "Type"))
		described.Preset, described.Reason, described.Shape = span.Preset, span.PresetReason, span.Shape
		described.Captures = captures(span)
	}
	return described
}

// captures names what the span records, in the words of the directive's keys.
func captures(span *model.Span) []string {
	names := make([]string, 0, len(span.Before)+len(span.After))
	if span.Stream != nil {
		names = append(names, "stream")
	}
	if span.Direction != "" {
		names = append(names, "headers="+span.Direction)
	}
	for _, line := range span.Lines() {
		if name := word(line); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// word names what a line of generated code captures, or nothing.
func word(line model.Line) string {
	name := captured[line.Call]
	switch key, ok := literal(line.Args); {
	case line.Chosen:
		return ""
	case line.Call == "RedactInput":
		return name + "=" + strings.ReplaceAll(strings.Join(line.Args, ","), `"`, "")
	case ok && !line.Method:
		return name + "." + key
	}
	return name
}

// captured maps what generated code calls to the directive's words.
var captured = map[string]string{
	"CaptureInput": "input", "CaptureOutput": "output", "CaptureMetadata": "metadata", "CaptureUsage": "usage",
	"AppendOutput": "output", "CaptureCost": "cost", "CaptureModel": "model", "CaptureModelOf": "model", "CaptureThreadID": "thread_id",
	"CaptureUsageFields": "usage", "CaptureMetadataFields": "metadata", "CaptureFailed": "failed",
	"AddTags": "tags", "SetProvider": "provider", "SetName": "name", "RedactInput": "redact",
}

// literal returns the key that a capturing call starts with.
func literal(args []string) (string, bool) {
	if len(args) < 2 {
		return "", false
	}
	key, err := strconv.Unquote(args[0])
	return key, err == nil
}

// sorted orders diagnostics by position, and drops what was found twice.
func sorted(diagnostics []Diagnostic) []Diagnostic {
	slices.SortFunc(diagnostics, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Offset, b.Pos.Offset),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(diagnostics)
}
