package rest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Operator compares a field with a value.
type Operator string

// The operators. Each kind of field takes some of them; the error about another one says which.
const (
	Equal          Operator = "="
	NotEqual       Operator = "!="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Contains       Operator = "contains" // without regard to case
	NotContains    Operator = "not_contains"
	StartsWith     Operator = "starts_with"
	EndsWith       Operator = "ends_with"
	IsEmpty        Operator = "is_empty" // without a value
	IsNotEmpty     Operator = "is_not_empty"
	In             Operator = "in" // one of several values; newer servers only
	NotIn          Operator = "not_in"
)

// bare reports whether an operator goes without a value.
func (o Operator) bare() bool { return o == IsEmpty || o == IsNotEmpty }

// many reports whether an operator takes several values.
func (o Operator) many() bool { return o == In || o == NotIn }

// A kind of fields is what Opik's backend calls their type: it decides on operators, key and value.
type kind struct {
	name      string
	operators []Operator
	keyed     bool // field.key
	decoded   bool // the backend takes the percent-encoding off the value
}

var (
	text    = &kind{name: "a text", operators: []Operator{Equal, NotEqual, Contains, NotContains, StartsWith, EndsWith, Greater, Less}}
	number  = &kind{name: "a number", operators: comparisons, decoded: true}
	instant = &kind{name: "a time", operators: comparisons, decoded: true}
	list    = &kind{name: "a list", operators: []Operator{Equal, NotEqual, Contains, NotContains, IsEmpty, IsNotEmpty}, decoded: true}
	enum    = &kind{name: "one of a few words", operators: []Operator{Equal, NotEqual, In, NotIn, IsEmpty, IsNotEmpty}}
	failure = &kind{name: "an error", operators: []Operator{IsEmpty, IsNotEmpty}}
	score   = &kind{name: "a score by name", operators: append(slices.Clip(comparisons), IsEmpty, IsNotEmpty), keyed: true, decoded: true}
	object  = &kind{name: "an object by key", operators: []Operator{Equal, NotEqual, Contains, NotContains, StartsWith, EndsWith,
		Greater, Less, IsEmpty, IsNotEmpty}, keyed: true, decoded: true}

	comparisons = []Operator{Equal, NotEqual, Greater, GreaterOrEqual, Less, LessOrEqual}
)

// fields are those that can be filtered by, and their kinds. Durations are in milliseconds, costs in US dollars.
var fields = map[Entity]map[string]*kind{
	EntitySpan: with(recorded, map[string]*kind{
		"trace_id": text,
		"type":     enum,
		"model":    text,
		"provider": text,
	}),
	EntityTrace: with(recorded, map[string]*kind{
		"thread_id":            text,
		"llm_span_count":       number,
		"span_feedback_scores": score,
		"guardrails":           text,
		"visibility_mode":      enum,
		"experiment_id":        text,
		"annotation_queue_ids": list,
		"created_at":           instant,
		"last_updated_at":      instant,
	}),
	EntityThread: {
		"id":                   text,
		"first_message":        text,
		"last_message":         text,
		"number_of_messages":   number,
		"duration":             number,
		"start_time":           instant,
		"end_time":             instant,
		"created_at":           instant,
		"last_updated_at":      instant,
		"feedback_scores":      score,
		"status":               enum,
		"tags":                 list,
		"annotation_queue_ids": list,
		"source":               enum,
		"environment":          enum,
	},
}

// recorded are the fields that spans and traces share.
var recorded = map[string]*kind{
	"id":                      text,
	"name":                    text,
	"start_time":              instant,
	"end_time":                instant,
	"duration":                number,
	"ttft":                    number,
	"input":                   text,
	"output":                  text,
	"input_json":              object,
	"output_json":             object,
	"metadata":                object,
	"tags":                    list,
	"usage.total_tokens":      number,
	"usage.prompt_tokens":     number,
	"usage.completion_tokens": number,
	"total_estimated_cost":    number,
	"feedback_scores":         score,
	"error_info":              failure,
	"error_type":              text,
	"source":                  enum,
	"environment":             enum,
}

// with returns the fields of both.
func with(shared, own map[string]*kind) map[string]*kind {
	all := maps.Clone(shared)
	maps.Copy(all, own)
	return all
}

// kindOf looks a field up.
func kindOf(entity Entity, field string) (*kind, error) {
	if k, ok := fields[entity][field]; ok {
		return k, nil
	}
	names := slices.Sorted(maps.Keys(fields[entity]))
	return nil, fmt.Errorf("a %s has no field %q to filter by: want one of %s", entity, field, strings.Join(names, ", "))
}

// checkOperator finds operators that the backend has not for this kind.
func (k *kind) checkOperator(field string, operator Operator) error {
	if slices.Contains(k.operators, operator) {
		return nil
	}
	names := make([]string, len(k.operators))
	for i, o := range k.operators {
		names[i] = string(o)
	}
	return fmt.Errorf("the operator %q is not for %s, which is %s: want one of %s", string(operator), field, k.name, strings.Join(names, " "))
}

// checkKey finds keys that are missing and keys that are too many.
func (k *kind) checkKey(field, key string) error {
	switch blank := strings.TrimSpace(key) == ""; {
	case k.keyed && blank:
		return fmt.Errorf("%s is %s: want %s.KEY", field, k.name, field)
	case !k.keyed && key != "":
		return fmt.Errorf("%s is %s, which has no key %q", field, k.name, key)
	}
	return nil
}
