package opik

import (
	"context"
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
	defaultMaking.Lock()
	defer defaultMaking.Unlock()
	if c := defaultClient.Load(); c != nil {
		return c
	}
	c, err := New(Options{})
	if err != nil {
		slog.Error("opik: tracing is off", "error", err)
		c = &Client{}
	}
	defaultClient.Store(c)
	activity.settle(true)
	return c
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

// Close is [Client.Close] of the default client. Programs call it before they end:
//
//	defer opik.Close(context.Background())
func Close(ctx context.Context) error { return defaultClient.Load().Close(ctx) }
