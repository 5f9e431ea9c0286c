// Package agent has tracked functions and methods, generated code that is up to date, and calls of both kinds.
package agent

import "context"

//opik:track
func Answer(ctx context.Context, question string) (string, error) { // want Answer:"tracked by AnswerTracked"
	if question == "" {
		return Answer(ctx, "What now?") // recursion belongs to the span that is open
	}
	again := func() { _, _ = Answer(ctx, question) }
	again()
	return lookup(ctx, question), nil // want `direct call of tracked lookup records no span: call lookupTracked`
}

//opik:track type=tool
func lookup(ctx context.Context, question string) string { // want lookup:"tracked by lookupTracked"
	return question
}

//opik:track as=Summary
func Summarize(ctx context.Context, text string) string { // want Summarize:"tracked by Summary"
	return text
}

//opik:track as=hidden
func Hide(ctx context.Context) {} // want Hide:"tracked by hidden"

//opik:track
func Map[T, U any](ctx context.Context, in []T, f func(T) U) []U { // want Map:"tracked by MapTracked"
	return nil
}

//opik:track
func Rescue(ctx context.Context, err *error) { // want Rescue:"tracked by RescueTracked"
	if value := recover(); value != nil {
		*err = value.(error)
	}
}

func rescued(ctx context.Context) (err error) {
	defer Rescue(ctx, &err)              // the twin would recover nothing
	defer func() { Rescue(ctx, &err) }() // want `direct call of tracked Rescue`
	return nil
}

// An Agent has methods that are tracked one by one.
type Agent struct{ name string }

//opik:track
func (a *Agent) Run(ctx context.Context, tasks ...string) error { // want Run:"tracked by RunTracked"
	for _, task := range tasks {
		_ = a.Run(ctx, task)
		a.step(ctx, task) // want `direct call of tracked Agent.step records no span: call stepTracked`
	}
	return nil
}

//opik:track
func (a Agent) step(ctx context.Context, task string) {} // want step:"tracked by stepTracked"

// A Cache is generic.
type Cache[K comparable, V any] struct{}

//opik:track
func (c *Cache[K, V]) Get(ctx context.Context, key K) (v V) { return v } // want Get:"tracked by GetTracked"

// A Client is tracked as a whole: its wrapper has no twins, and calls of its methods are not for this analyzer.
//
//opik:track
type Client struct{}

func (c *Client) Complete(ctx context.Context, prompt string) string { return prompt }

//opik:track type=llm
func (c *Client) Embed(ctx context.Context, text string) []float64 { return nil }

//opik:track as=Retry
func (c *Client) retry(ctx context.Context) {} // want retry:"tracked by Retry"

// A Completer is an interface, whose calls are not known to be tracked or not.
//
//opik:track
type Completer interface {
	Complete(ctx context.Context, prompt string) string
}

var first = lookup(context.Background(), "first") // want `direct call of tracked lookup records no span: call lookupTracked`

func calls(ctx context.Context, a *Agent, c *Client, i Completer) {
	_, _ = Answer(ctx, "why?")                                     // want `direct call of tracked Answer records no span: call AnswerTracked`
	_, _ = AnswerTracked(ctx, "why?")                              // as it should be
	go lookup(ctx, "go")                                           // want `direct call of tracked lookup`
	defer (lookup)(ctx, "defer")                                   // want `direct call of tracked lookup`
	_ = lookup(ctx, lookup(ctx, "twice"))                          // want `direct call of tracked lookup` `direct call of tracked lookup`
	_ = Summarize(ctx, "text")                                     // want `direct call of tracked Summarize records no span: call Summary`
	_ = Map(ctx, []int{1}, func(n int) int { return n })           // want `direct call of tracked Map`
	_ = Map[int, int](ctx, []int{1}, func(n int) int { return n }) // want `direct call of tracked Map`
	_ = Map[int](ctx, []int{1}, func(n int) int { return n })      // want `direct call of tracked Map`
	Hide(ctx)                                                      // want `direct call of tracked Hide records no span: call hidden`
	_ = a.Run(ctx, "one", "two")                                   // want `direct call of tracked Agent.Run records no span: call RunTracked`
	_ = (*Agent).Run(a, ctx)                                       // want `direct call of tracked Agent.Run`
	_ = new(Cache[string, int]).Get(ctx, "key")                    // want `direct call of tracked Cache.Get records no span: call GetTracked`
	c.retry(ctx)                                                   // want `direct call of tracked Client.retry records no span: call Retry`
	_ = c.Complete(ctx, "hello")
	_ = c.Embed(ctx, "hello")
	_ = i.Complete(ctx, "hello")
	ask := lookup // what is called through a variable is left alone
	_ = ask(ctx, "value")
	_ = lookup(ctx, "on purpose")   //nolint:opik // a span for each would be too many
	_ = lookup(ctx, "on purpose")   //nolint:errcheck,opik
	_ = lookup(ctx, "not silenced") //nolint:errcheck // want `direct call of tracked lookup`
}

// outer hides the promoted twin behind a method of its own, so that no fix can name it.
type outer struct{ *Agent }

func (outer) RunTracked(ctx context.Context, tasks ...string) error { return nil }

func unfixable(ctx context.Context, o outer) {
	_ = o.Run(ctx) // want `direct call of tracked Agent.Run`
	lookupTracked := "a variable"
	_ = lookup(ctx, lookupTracked) // want `direct call of tracked lookup`
}
