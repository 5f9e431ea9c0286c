package opik

import (
	"sync"
	"sync/atomic"
)

// activity knows whether any client records. While none does, StartSpan need not ask the context which client is
// meant, and that question is most of what a traced call would cost where tracing is off.
var activity activityCount

type activityCount struct {
	none atomic.Int32 // 1: no client records, and the default client is not still to be made

	mu      sync.Mutex
	clients int  // that record
	settled bool // there is a default client
}

// count adds to the clients that record.
func (a *activityCount) count(clients int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clients += clients
	a.conclude()
}

// settle notes whether there is a default client.
func (a *activityCount) settle(settled bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settled = settled
	a.conclude()
}

func (a *activityCount) conclude() {
	a.none.Store(0)
	if a.settled && a.clients == 0 {
		a.none.Store(1)
	}
}
