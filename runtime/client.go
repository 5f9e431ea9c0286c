package opik

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/opikgen/opikgen/runtime/internal/config"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// Client records traces and spans and sends them to one project of one Opik. A nil Client, and one without a place
// to send to, records nothing. A Client is safe for concurrent use.
//
// Recording is a guest in the program: it returns no errors, waits for nothing, and costs the value, not the call,
// where something cannot be recorded. What could not be delivered is what [Client.Flush] and [Client.Close] report.
type Client struct {
	config  config.Settings
	mask    func(field string, v []byte) []byte
	maximum int // bytes of a captured value

	sampleShare float64
	sampleRule  func(TraceStart) float64
	spanStarted func(context.Context, *Span)
	baggage     bool // is written, too

	log   *slog.Logger
	queue *queue.Queue // nil: records nothing, for good
	sink  sink
	open  openList
	ids   ids
	on    atomic.Bool

	values chunks

	warned        atomic.Int64  // when bad headers were last reported, in nanoseconds
	droppedUsage  atomic.Uint64 // counts of usage that are no 32-bit integers
	droppedScores atomic.Uint64 // scores that Opik would refuse
}

// New returns a client. It fails on settings that contradict each other or could only lose traces, and makes no
// request. A client that was made by New must be closed if it is to leave no goroutine behind.
func New(o Options) (*Client, error) {
	c, found, err := openClient(o)
	if err != nil {
		return nil, fmt.Errorf("opik: %w", err)
	}
	c.tell(found)
	return c, nil
}

// openClient is New, but for what is to be told of the settings that were found.
func openClient(o Options) (*Client, config.Resolution, error) {
	found, err := config.Resolve(o.settings(), o.environment())
	if err != nil {
		return nil, found, err
	}
	c := &Client{
		config:  found.Settings,
		mask:    o.Mask,
		maximum: cmp.Or(o.MaxValueBytes, defaultMaxValueBytes),
		log:     cmp.Or(o.Logger, slog.Default()),

		sampleShare: o.share(),
		sampleRule:  o.SampleRule,
		spanStarted: o.SpanStarted,
		baggage:     o.Baggage,
	}
	if found.Off != "" {
		return c, found, nil
	}
	if c.sink, err = openSink(c.config, o); err != nil {
		return nil, found, err
	}
	c.queue = queue.New(c.sink.queueConfig(o.Delivery, c.log))
	c.setActive(true)
	return c, found, nil
}

// tell logs what is odd about settings.
func (c *Client) tell(found config.Resolution) {
	if found.Warning != "" {
		c.log.Warn("opik: " + found.Warning)
	}
	if found.Off != "" {
		c.log.Info("opik: tracing is off: " + found.Off)
	}
}

// Active reports whether spans that start now are recorded.
func (c *Client) Active() bool { return c != nil && c.on.Load() }

// SetActive switches the recording of spans that start from now on. Spans that are open are recorded to their end.
// It has no effect on a client without a place to send to, and on a closed one.
func (c *Client) SetActive(on bool) {
	if c != nil && c.queue != nil {
		c.open.unlessClosed(func() { c.setActive(on) })
	}
}

func (c *Client) setActive(on bool) {
	switch was := c.on.Swap(on); {
	case on && !was:
		activity.count(1)
	case was && !on:
		activity.count(-1)
	}
}

// Flush sends what was recorded so far. It returns when all of it has come to an end, and reports what did not
// arrive, or when ctx ends. Spans that are still open are not sent.
func (c *Client) Flush(ctx context.Context) error {
	if c == nil || c.queue == nil {
		return nil
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	return reported(c.queue.Flush(ctx))
}

// Close sends what was recorded so far, open spans as far as they have come and marked as unfinished, and ends the
// client's goroutines. It reports what did not arrive. Spans that start or end later are not recorded.
func (c *Client) Close(ctx context.Context) error {
	if c == nil || c.queue == nil {
		return nil
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	unfinished := c.open.close() // from here on nothing switches the recording on again
	c.setActive(false)
	for _, r := range unfinished {
		r.sendUnfinished(ctx)
	}
	err := c.queue.Close(ctx)
	return reported(errors.Join(err, c.sink.close()))
}

// bound gives ctx a deadline if it has none, so that a server that is away does not keep the program from ending.
func (c *Client) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.config.FlushTimeout)
}

// reported gives an error its origin.
func reported(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("opik: %w", err)
}

// push hands a row over to be delivered.
func (c *Client) push(ctx context.Context, row record.Row) { c.queue.PushContext(ctx, row) }
