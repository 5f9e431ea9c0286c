package agent

import "context"

// A test calls what it tests.
func example(ctx context.Context) { _, _ = Answer(ctx, "") }

//opik:track
func evaluate(ctx context.Context) int { return 1 } // want evaluate:"tracked by evaluateTracked"

// What is tracked in a test is tracked for the test's sake.
func score(ctx context.Context) int {
	return evaluate(ctx) // want `direct call of tracked evaluate records no span: call evaluateTracked`
}
