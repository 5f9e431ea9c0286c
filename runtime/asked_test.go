package opik_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	opik "github.com/opikgen/opikgen/runtime"
)

// card is what a tool says of itself.
type card struct{ name string }

// ExampleAsked asks a tool for its name, which it may fail to tell.
func ExampleAsked() {
	describe := func(known bool) (*card, error) {
		if !known {
			return nil, errors.New("no such tool")
		}
		return &card{"weather"}, nil
	}
	fmt.Println(opik.Asked(func() string { it, _ := describe(true); return it.name }))
	fmt.Printf("%q\n", opik.Asked(func() string { it, _ := describe(false); return it.name }))
	// Output:
	// weather
	// ""
}

func TestAsked(t *testing.T) {
	assert.Equal(t, 1, opik.Asked(func() int { return 1 }))
	assert.Nil(t, opik.Asked(func() *card { panic("asked") }))
}
