// Package stale was edited after its code was generated.
package stale

import "context"

//opik:track
func added(ctx context.Context) {} // want `addedTracked is not generated yet, though added is tracked: run go generate`

//opik:track
func byHand(ctx context.Context) {} // want `byHandTracked is not generated yet`

func byHandTracked(ctx context.Context) {}

//opik:track as=other
func renamed(ctx context.Context) {} // want `other is not generated yet, though renamed is tracked`

//opik:track
func widened(ctx context.Context, limits ...int) {} // want `widenedTracked no longer has the signature of widened: run go generate`

//opik:track
func constrained[T comparable](ctx context.Context, v T) {} // want `constrainedTracked no longer has the signature of constrained`

type agent struct{ calls int }

//opik:track
func (a *agent) count(ctx context.Context) { a.calls++ } // want `countTracked no longer has the signature of agent.count`

//opik:track
func (a *agent) run(ctx context.Context) {} // want `runTracked is not generated yet, though agent.run is tracked`

type promoted struct{ agent }

//opik:track
func (p promoted) count(ctx context.Context) {} // want `countTracked is not generated yet, though promoted.count is tracked`

type list[T any] struct{}

//opik:track
func (l list[T]) add(ctx context.Context, v T) {} // want add:"tracked by addTracked"

//opik:track
func (l list[T]) addAll(ctx context.Context, v []T) {} // want `addAllTracked no longer has the signature of list.addAll`

//opik:track
type Client struct{} // want `TrackedClient lacks the method Stream of Client: run go generate`

func (c *Client) Complete(ctx context.Context) {}
func (c *Client) Stream(ctx context.Context)   {}
func (c *Client) close()                       {}

//opik:track as=Box
type Store[T any] struct{} // want `TrackedBox has another method Put than Store: run go generate`

func (s *Store[T]) Get(ctx context.Context) (v T)                { return v }
func (s *Store[T]) Put(ctx context.Context, v T, tags ...string) {}

//opik:track
type Pair[K, V any] struct{} // want `TrackedPair no longer has the type parameters of Pair`

func (p *Pair[K, V]) Get(ctx context.Context) {}

//opik:track
type completer interface{ Complete(ctx context.Context) } // want `trackedCompleter is not generated yet, though completer is tracked`

//opik:wrap io.Reader as=Reader
//opik:wrap io.Writer as=Writer // want `TrackedWriter is not generated yet, though io.Writer is to be wrapped: run go generate`

//opik:track
type alias2 = Client // want `trackedAlias2 is not generated yet, though alias2 is tracked`

//opik:track as=Known
type alias3 = completer

// What opikgen itself refuses is not stale.

//opik:track
type number interface{ ~int | ~float64 }

//opik:track
type empty interface{}

//opik:track
type plain struct{}

//opik:track
type alias = int

//opik:track typ=llm
func faulty(ctx context.Context) {}

//opik:track
func _(ctx context.Context) {}

//opik:track
func init() {}

// A call whose twin is stale is not reported: the fix would not compile.
func calls(ctx context.Context) {
	added(ctx)
	widened(ctx, 1)
}
