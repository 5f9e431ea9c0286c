package record

import "sync"

// A Draft is a row that is not written yet: those who send rows write it, not those who are traced. What it is made
// of must not change before Append or Seal was called.
type Draft struct {
	entry    *Entry
	part     *SpanPart // nil: a trace
	root     *Entry    // that the trace shows
	threadID string
	size     int

	mu   sync.Mutex
	body []byte // written by Seal
	done bool   // written by Append, which is called once
}

// DraftSpan makes d the row of a span.
func (d *Draft) DraftSpan(e *Entry, p *SpanPart) {
	d.entry, d.part, d.size = e, p, e.Size()+p.size()
}

// DraftTrace makes d the row of a trace, see [Entry.AppendTrace].
func (d *Draft) DraftTrace(e *Entry, threadID string, root *Entry) {
	d.entry, d.threadID, d.root, d.size = e, threadID, root, e.Size()+len(threadID)
	if root != nil {
		d.size += root.Size()
	}
}

// Size returns about how many bytes the row has.
func (d *Draft) Size() int { return d.size }

// Append appends the row to dst.
func (d *Draft) Append(dst []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.body != nil {
		return append(dst, d.body...)
	}
	d.done = true
	return d.write(dst)
}

// Seal writes the row down if it was not, because what it is made of is about to change.
func (d *Draft) Seal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.entry != nil && d.body == nil && !d.done {
		d.body = d.write(make([]byte, 0, d.size))
	}
}

func (d *Draft) write(dst []byte) []byte {
	if d.part != nil {
		return d.entry.AppendSpan(dst, d.part)
	}
	return d.entry.AppendTrace(dst, d.threadID, d.root)
}
