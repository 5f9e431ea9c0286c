package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Fact is a sentence of the knowledge base with its score for a question.
type Fact struct {
	Text  string `json:"text"`
	Score int    `json:"score"`
}

// knowledge is what the agent can look up.
var knowledge = []string{
	"A double room in Porto costs 96 euros a night.",
	"The city tax of Porto is 2 euros a person and night.",
	"A double room in Lisbon costs 120 euros a night.",
	"The train from Lisbon to Porto takes three hours.",
	"Museums are closed on Mondays.",
}

// maxFacts is how many facts a retrieval returns.
const maxFacts = 3

// retrieve returns the facts that share the most words with the question.
//
//opik:track type=tool
func retrieve(_ context.Context, question string) ([]Fact, error) {
	words := strings.FieldsFunc(strings.ToLower(question), func(r rune) bool { return r < 'a' || r > 'z' })
	if len(words) == 0 {
		return nil, errors.New("the question holds no words to look up")
	}
	var facts []Fact
	for _, text := range knowledge {
		facts = append(facts, Fact{Text: text, Score: overlap(text, words)})
	}
	slices.SortStableFunc(facts, func(a, b Fact) int { return cmp.Compare(b.Score, a.Score) })
	return facts[:min(maxFacts, len(facts))], nil
}

// overlap counts the words of more than three letters that text holds.
func overlap(text string, words []string) (n int) {
	text = strings.ToLower(text)
	for _, word := range words {
		if len(word) > 3 && strings.Contains(text, word) {
			n++
		}
	}
	return n
}

// calculatorTool describes calculate to the model.
var calculatorTool = Tool{
	Type: "function",
	Function: Function{
		Name:        "calculate",
		Description: "Evaluates an arithmetic expression.",
		Parameters:  json.RawMessage(`{"type":"object","properties":{"expression":{"type":"string"}},"required":["expression"]}`),
	},
}

// calculate evaluates the arithmetic expression in the arguments that the model wrote, such as
// {"expression":"3 * (96 + 2*2)"}.
//
//opik:track type=tool
func calculate(_ context.Context, arguments string) (string, error) {
	var call struct{ Expression string }
	if err := json.Unmarshal([]byte(arguments), &call); err != nil {
		return "", fmt.Errorf("reading the arguments %q: %w", arguments, err)
	}
	// Go's own constant arithmetic: no variables, no calls, no surprises.
	result, err := types.Eval(token.NewFileSet(), nil, token.NoPos, call.Expression)
	if err != nil {
		return "", fmt.Errorf("evaluating %q: %w", call.Expression, err)
	}
	if result.Value == nil || result.Value.Kind() == constant.Unknown {
		return "", fmt.Errorf("%q is not arithmetic", call.Expression)
	}
	return result.Value.String(), nil
}
