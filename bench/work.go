// Package bench measures the runtime beside OpenTelemetry's SDK, which a Go program would use in its place, and
// beside a floor: a hand-written loop that appends the same JSON to a buffer and posts it.
//
// One unit of work is what an agent does for a question: a root span with three children, each with 1 KiB of JSON in
// and 1 KiB out, and token usage. The same values are given to every tracer; encoding them is part of its work.
package bench

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync/atomic"
)

// spansPerUnit is how many spans a unit of work makes.
const spansPerUnit = 4

// message is a turn of a conversation, what LLM programs trace most.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// usage is what a provider counts.
type usage struct{ prompt, completion int }

// tokens are the same for every call: a number's value changes nothing.
var tokens = usage{prompt: 412, completion: 58}

// conversations are what the calls of a unit are about, in turn, so that no compressor finds the last one again.
var conversations = makeConversations(128)

// makeConversations makes n conversations of four messages, each about 1 KiB of JSON.
func makeConversations(n int) [][]message {
	random := rand.New(rand.NewPCG(1, 2))
	made := make([][]message, n)
	for i := range made {
		made[i] = make([]message, 4)
		for j := range made[i] {
			made[i][j] = message{Role: "assistant", Content: sentence(random, 220)}
		}
	}
	return made
}

// vocabulary is what the conversations are made of. Its first words are the most frequent.
var vocabulary = strings.Fields(`the of and to in is that it for was on are with as "I" be at have from or an they you
	which by their one has would what will there if can all her said who more when about them some could time into
	than other been now people made over did down only way find use may water long little very after words called just
	where most know get through back much before go good new write our me man too any day same right look think also
	around another came come work three word must because does part even place well such here take why things help put
	years different away again off went old number great tell men say small every found still between name should home
	big give air line set own under read last never us left end along while might next sound below saw something thought
	both few those always looked show large often together asked house don't world going want school important until`)

// sentence strings words together to n bytes.
func sentence(random *rand.Rand, n int) string {
	var text strings.Builder
	for text.Len() < n {
		rank := random.Float64() * random.Float64() // frequent words first, as in every language
		text.WriteString(vocabulary[int(rank*float64(len(vocabulary)))])
		text.WriteByte(' ')
	}
	return text.String()[:n]
}

// calls counts the calls that were traced.
var calls atomic.Uint64

// nextCall returns what the next call is given and what it answers.
func nextCall() (question, reply []message) {
	i := calls.Add(2)
	return conversations[i%128], conversations[(i+1)%128]
}

// A tracer does units of work and delivers what it traced.
type tracer interface {
	unit(ctx context.Context)
	flush(ctx context.Context) error
	close(ctx context.Context) error
}
