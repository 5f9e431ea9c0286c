package directive

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"type", "type", 0},
		{"typ", "type", 1}, {"tpye", "type", 1}, {"naem", "name", 1}, {"trace", "track", 1},
		{"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		assert.Equal(t, test.want, distance(test.a, test.b), "%s to %s", test.a, test.b)
		assert.Equal(t, test.want, distance(test.b, test.a), "%s to %s", test.b, test.a)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"name", "type", "capture_input"}
	assert.Equal(t, 1, nearest("tpye", words))
	assert.Equal(t, 2, nearest("Capture-Inputs", words))
	assert.Equal(t, 1, nearest("url", []string{"Ring", "URL"}))
	assert.Equal(t, 0, nearest("EOF", []string{"eof", "eor"}))
	assert.Equal(t, 1, nearest("openai-chat", []string{"openai-chart", "openai_chat"}))
	assert.Equal(t, -1, nearest("zzzz", words))
	assert.Equal(t, -1, nearest("", words))
	assert.Equal(t, -1, nearest("name", nil))
}
