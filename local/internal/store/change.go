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
	closed    bool
}

// Listener collects the changes that its owner has not taken yet.
type Listener struct {
	Wake chan struct{} // receives when there is something to take, and is closed when nothing more will come

	mu      sync.Mutex
	pending map[string]struct{}
	many    bool // more changed than is pending
}

// Listen adds a listener. stop removes it.
func (c *Changes) Listen() (listener *Listener, stop func()) {
	listener = &Listener{Wake: make(chan struct{}, 1), pending: map[string]struct{}{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		close(listener.Wake)
		return listener, func() {}
	}
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

// Close tells every listener that nothing more will come, so that whoever waits can go.
func (c *Changes) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for listener := range c.listeners {
		close(listener.Wake)
	}
	clear(c.listeners)
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
		} else if _, known := l.pending[id]; !known {
			l.many = true
		}
	}
	l.mu.Unlock()
	select {
	case l.Wake <- struct{}{}:
	default: // it is awake already
	}
}

// Take returns the traces that changed since the last call. many says that there are more than these.
func (l *Listener) Take() (ids []string, many bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids = slices.AppendSeq(make([]string, 0, len(l.pending)), maps.Keys(l.pending))
	many, l.many = l.many, false
	clear(l.pending)
	return ids, many
}
