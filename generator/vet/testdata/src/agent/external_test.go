package agent_test

import (
	"agent"
	"context"
)

func example(ctx context.Context) { _, _ = agent.Answer(ctx, "") }
