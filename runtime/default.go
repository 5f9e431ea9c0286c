package opik

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
)

var (
	defaultClient atomic.Pointer[Client]
	defaultMaking sync.Mutex // held while the default client is made, so that it is made once
)

// Default returns the client that the functions of this package use: the one given to [SetDefault], or else one
// that is made from the environment on first use. It never returns nil; where the environment says nothing or
// something wrong, which is logged once, the client records nothing.
func Default() *Client {
	if c := defaultClient.Load(); c != nil {
		return c
	}
	c, tell := makeDefault()
	tell()
	return c
}

// makeDefault makes the default client, unless somebody has, and returns what logs how that went. It does not log by
// itself: the handler of the log may be traced, and would wait for the default client in which it is.
func makeDefault() (c *Client, tell func()) {
	defaultMaking.Lock()
	defer defaultMaking.Unlock()
	if c := defaultClient.Load(); c != nil {
		return c, func() {}
	}
	c, found, err := openClient(Options{})
	tell = func() { c.tell(found) }
	if err != nil {
		c, tell = &Client{}, func() { slog.Error("opik: tracing is off", "error", fmt.Errorf("opik: %w", err)) }
	}
	defaultClient.Store(c)
	activity.settle(true)
	return c, tell
}

// SetDefault makes c the default client and returns the previous one, or nil if there was none yet. SetDefault(nil)
// goes back to the environment. The previous client is not closed.
func SetDefault(c *Client) (previous *Client) {
	defaultMaking.Lock()
	defer defaultMaking.Unlock()
	activity.settle(c != nil)
	return defaultClient.Swap(c)
}

// Flush is [Client.Flush] of the default client.
func Flush(ctx context.Context) error { return defaultClient.Load().Flush(ctx) }

// Close is [Client.Close] of the default client. Programs call it before they end, and tell what it returns:
//
//	defer func() { err = errors.Join(err, opik.Close(context.WithoutCancel(ctx))) }()
func Close(ctx context.Context) error { return defaultClient.Load().Close(ctx) }
