// Package broken calls twins that are not there yet, and names types that are not either.
package broken

import "context"

//opik:track
func answer(ctx context.Context) {} // want `answerTracked is not generated yet, though answer is tracked: run go generate`

//opik:track
func ask(ctx context.Context, q Question) {} // want ask:"tracked by askTracked"

//opik:track
func (m Missing) run(ctx context.Context) {} // want `runTracked is not generated yet`

//opik:track
type Broken struct{ Missing }

//opik:track
type Embedding interface{ Missing }

func main() {
	answerTracked(context.Background())
	ask(context.Background(), nil) // want `direct call of tracked ask`
	nowhere.Call()
}
