package store_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/store"
)

func TestPreviews(t *testing.T) {
	tests := []struct{ name, document, want string }{
		{"named values", `{"question":"why?","n":1}`, "question: why?, n: 1"},
		{"text", `"say \"hi\""`, `say "hi"`},
		{"values that have a text but no speaker", `{"facts":[{"text":"a","score":2}]}`, "facts: text: a, score: 2}]"},
		{"OpenAI's messages", `{"messages":[{"role":"system","content":"Be short."},{"role":"user","content":"Where is\nPorto?"}]}`, "Be short. · Where is Porto?"},
		{"OpenAI's choices", `{"choices":[{"index":0,"message":{"role":"assistant","content":"In \"Portugal\"."}}]}`, `In "Portugal".`},
		{"OpenAI's responses", `{"output":[{"id":"r","summary":[],"type":"reasoning","content":null},{"content":[{"annotations":[],"text":"In Portugal.","type":"output_text"}],"role":"assistant"}]}`, "In Portugal."},
		{"Anthropic's blocks", `{"content":[{"citations":null,"text":"In Portugal.","type":"text"}]}`, "In Portugal."},
		{"Google's candidates", `{"candidates":[{"content":{"parts":[{"text":"In Portugal."}],"role":"model"}}]}`, "In Portugal."},
		{"LangChain's messages", `{"messages":[[{"content":"Be short.","additional_kwargs":{},"type":"system"},{"content":"Where?","type":"human"}]]}`, "Be short. · Where?"},
		{"a call of a tool without words", `[{"role":"assistant","content":"","tool_calls":[]}]`, "role: assistant, content: , tool_calls: []}]"},
		{"a message that is cut off", `[{"role":"user","content":"` + strings.Repeat("w", 700) + `"}]`, strings.Repeat("w", 573)},
		{"an escape that is cut off", `[{"role":"user","content":"` + strings.Repeat("w", 572) + `\n"}]`, strings.Repeat("w", 572)},
	}
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			trace := store.Row{ID: uuid.Must(uuid.NewV7()).String(), ProjectName: test.name, Name: "t", Start: 1e18, End: 1e18 + 1, Output: json.RawMessage(test.document)}
			require.NoError(t, db.Put(t.Context(), store.Trace, []store.Row{trace}))
			project, err := db.ProjectNamed(t.Context(), test.name)
			require.NoError(t, err)
			glances, err := db.Glances(t.Context(), store.Query{ProjectID: project.ID, Limit: 1})
			require.NoError(t, err)
			require.Len(t, glances, 1)
			assert.Equal(t, test.want, glances[0].Output)
		})
	}
}
