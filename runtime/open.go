package opik

import "sync"

// maxOpen bounds the recordings that are remembered because they have not ended: a span that is never ended would
// otherwise be kept for ever.
const maxOpen = 10_000

// openList holds the recordings that have started and not ended, the oldest first, so that Close can send them. It
// is linked through the recordings themselves: entering and leaving it allocates nothing.
type openList struct {
	mu          sync.Mutex
	first, last *recording
	length      int
	closed      bool
}

// link is the place of a recording in an openList.
type link struct {
	next, prev *recording
	listed     bool
}

// add enters r. If there are too many it returns the oldest, which is forgotten.
func (l *openList) add(r *recording) (oldest *recording) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	r.link = link{prev: l.last, listed: true}
	if l.last != nil {
		l.last.link.next = r
	} else {
		l.first = r
	}
	l.last = r
	l.length++
	if l.length <= maxOpen {
		return nil
	}
	oldest = l.first
	l.unlink(oldest)
	return oldest
}

// remove takes r out, if it is in.
func (l *openList) remove(r *recording) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.link.listed {
		l.unlink(r)
	}
}

func (l *openList) unlink(r *recording) {
	if r.link.prev != nil {
		r.link.prev.link.next = r.link.next
	} else {
		l.first = r.link.next
	}
	if r.link.next != nil {
		r.link.next.link.prev = r.link.prev
	} else {
		l.last = r.link.prev
	}
	r.link = link{}
	l.length--
}

// close empties the list for good and returns what was in it.
func (l *openList) close() []*recording {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	all := make([]*recording, 0, l.length)
	for l.first != nil {
		all = append(all, l.first)
		l.unlink(l.first)
	}
	return all
}

// unlessClosed calls f, unless the list is closed for good, which it is not while f runs.
func (l *openList) unlessClosed(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		f()
	}
}
