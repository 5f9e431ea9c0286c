package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const modelCalls = `
type Request struct{ Messages []string }

type Client struct{}

func (Client) Complete(req Request) string { return "" }

//opik:track type=llm
func ask(req Request) string { return "" }

//opik:track type=llm
func guess(prompt string) string { return "" }
`

func TestKnownProviderSaysWhereItIsFrom(t *testing.T) {
	const complete = "match=example.com/m.(*Client).Complete\n"
	for name, test := range map[string]struct {
		presets map[string]string
		want    string
	}{
		"none that says so":        {map[string]string{"a": complete}, ""},
		"one":                      {map[string]string{"a": complete + "provider=openai"}, "R16 openai as in the presets for example.com/m"},
		"one beside a silent one":  {map[string]string{"a": complete + "provider=google_ai", "b": complete}, "R16 google_ai as in the presets for example.com/m"},
		"several that agree":       {map[string]string{"a": complete + "provider=x-ai", "b": complete + "provider=x-ai"}, "R16 x-ai as in the presets for example.com/m"},
		"several that differ":      {map[string]string{"a": complete + "provider=openai", "b": complete + "provider=azure"}, ""},
		"one that asks the answer": {map[string]string{"a": complete + "provider=resp.Provider"}, ""},
		"one for another package":  {map[string]string{"a": "match=example.com/n.(*Client).Complete\nprovider=openai"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			built := buildWith(t, modelCalls, presets(t, test.presets))
			assert.Equal(t, test.want, built["ask"].Span.Shape)
			assert.Empty(t, built["guess"].Span.Shape)
		})
	}
}
