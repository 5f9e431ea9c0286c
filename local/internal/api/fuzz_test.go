package api

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzPlainJSON checks that valid JSON stays as it is, and that what Python writes beyond JSON becomes valid.
func FuzzPlainJSON(f *testing.F) {
	for _, seed := range []string{`{"a":NaN}`, `[Infinity,-Infinity,-1]`, `"NaN \" ["`, `{"a":"\\"}`, `[[[`, `"`, "\xff", `{"I":[-1,N]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		plain, err := plainJSON(body)
		if err != nil {
			return
		}
		if json.Valid(body) && utf8.Valid(body) {
			var before, after any
			require.NoError(t, json.Unmarshal(body, &before))
			require.NoError(t, json.Unmarshal(plain, &after))
			assert.Equal(t, before, after)
		}
	})
}

func TestPlainJSON(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":NaN,"b":[-Infinity,Infinity]}`: `{"a":"NaN","b":["-Infinity","Infinity"]}`,
		`{"NaN":"\"NaN"}`:                    `{"NaN":"\"NaN"}`,
		`-1`:                                 `-1`,
	} {
		got, err := plainJSON([]byte(body))
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

func TestTruncated(t *testing.T) {
	picture := `{"a":"data:image/png;base64,iVBORw0KGgo=","b":"text"}`
	assert.JSONEq(t, `{"a":"[image]","b":"text"}`, string(truncated(json.RawMessage(picture))))
	assert.Nil(t, truncated(nil))
}
