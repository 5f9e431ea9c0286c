package store

import (
	"maps"
	"slices"
	"sync"
)

// maxPending bounds what a slow listener is told one by one. Beyond it, it is told to look at everything.
const maxPending = 1000

// Changes tells listeners which traces changed. The zero value works.
type Changes struct {
	mu        sync.Mutex
	listeners map[*Listener]struct{}
}

// Listener collects the changes that its owner has not taken yet.
type Listener struct {
	Wake chan struct{} // receives when there is something to take

	mu      sync.Mutex
	pending map[string]struct{}
}

// Listen adds a listener. stop removes it.
func (c *Changes) Listen() (listener *Listener, stop func()) {
	listener = &Listener{Wake: make(chan struct{}, 1), pending: map[string]struct{}{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listeners == nil {
		c.listeners = map[*Listener]struct{}{}
	}
	c.listeners[listener] = struct{}{}
	return listener, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.listeners, listener)
	}
}

// tell hands the ids of traces to every listener. It never waits for one.
func (c *Changes) tell(traces map[string]struct{}) {
	if len(traces) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for listener := range c.listeners {
		listener.add(traces)
	}
}

// add notes changes and wakes the owner.
func (l *Listener) add(traces map[string]struct{}) {
	l.mu.Lock()
	for id := range traces {
		if len(l.pending) < maxPending {
			l.pending[id] = struct{}{}
		}
	}
	l.mu.Unlock()
	select {
	case l.Wake <- struct{}{}:
	default: // it is awake already
	}
}

// Take returns the traces that changed since the last call.
func (l *Listener) Take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := slices.AppendSeq(make([]string, 0, len(l.pending)), maps.Keys(l.pending))
	clear(l.pending)
	return ids
}
