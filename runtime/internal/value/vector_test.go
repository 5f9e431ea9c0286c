package value_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

func TestVectorsAreShort(t *testing.T) {
	long := make([]float32, 1536)
	long[1] = -1.5e-20
	cases := map[string]struct {
		v    any
		want string
	}{
		"a vector":          {long, `"[1536 numbers]"`},
		"beside others":     {map[string]any{"a": long, "b": "x", "c": []int{1, 2}}, `{"a":"[1536 numbers]","b":"x","c":[1,2]}`},
		"in a list":         {[][]float32{long, {1, 2}}, `["[1536 numbers]",[1,2]]`},
		"of any":            {[]any{1.0, 2.0, 3.0}, `[1,2,3]`},
		"not only numbers":  {[]any{1.0, "x", 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0}, `[1,"x",2,3,4,5,6,7,8,9,1,2,3,4,5,6,7]`},
		"in a text":         {`say "[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7]"`, `"say \"[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7]\""`},
		"in JSON":           {json.RawMessage(`{"embedding":[1,2,3,4,5,6,7,8, 9,0,1,2,3,4,5,6,7]}`), `{"embedding":"[17 numbers]"}`},
		"an empty list":     {[]float32{}, `[]`},
		"a number":          {1, `1`},
		"nothing":           {nil, `null`},
		"as short as words": {make([]int, 15), `[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, string(value.Append(nil, value.WithoutVectors{V: c.v}, 1<<20)))
			assert.Equal(t, "x"+c.want, string(value.Append([]byte("x"), value.WithoutVectors{V: c.v}, 1<<20)))
		})
	}
}
