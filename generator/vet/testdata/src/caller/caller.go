// Package caller calls what another package tracks.
package caller

import (
	"agent"
	. "agent"
	"context"
)

// A team promotes the methods of an agent.
type team struct{ agent.Agent }

func calls(ctx context.Context, t *team) {
	_, _ = agent.Answer(ctx, "why?")                  // want `direct call of tracked Answer records no span: call AnswerTracked`
	_, _ = agent.AnswerTracked(ctx, "why?")           // as it should be
	_, _ = Answer(ctx, "why?")                        // want `direct call of tracked Answer`
	_ = agent.Summarize(ctx, "text")                  // want `direct call of tracked Summarize records no span: call Summary`
	_ = agent.Map[int, string](ctx, nil, nil)         // want `direct call of tracked Map`
	_ = t.Run(ctx)                                    // want `direct call of tracked Agent.Run records no span: call RunTracked`
	_ = new(agent.Cache[string, int]).Get(ctx, "key") // want `direct call of tracked Cache.Get`
	defer agent.Rescue(ctx, nil)                      // the twin would recover nothing
	agent.Hide(ctx)                                   // its twin cannot be called from here
}
