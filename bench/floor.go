package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
)

// floorBatch is how many bytes the floor posts at once.
const floorBatch = 1 << 20

// floor is the least that has to be done: append the rows to a buffer, post the buffer when it is full.
type floor struct {
	url  string
	gzip bool

	mu      sync.Mutex
	buffer  []byte
	full    chan []byte // at most one waiting; a caller that fills another waits
	sent    sync.WaitGroup
	failure error
	done    chan struct{}
}

func newFloor(url string, compress bool) *floor {
	f := &floor{url: url, gzip: compress, full: make(chan []byte, 1), done: make(chan struct{})}
	go f.send()
	return f
}

func (f *floor) unit(context.Context) {
	trace, root := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	for range spansPerUnit - 1 {
		f.span(trace, uuid.Must(uuid.NewV7()), root)
	}
	f.span(trace, root, uuid.Nil)
}

// span appends one row.
func (f *floor) span(trace, id, parent uuid.UUID) {
	now := time.Now().UTC()
	question, reply := nextCall()
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.buffer
	b = append(append(append(b, `{"id":"`...), id.String()...), `","trace_id":"`...)
	b = append(append(b, trace.String()...), `","name":"answer","type":"llm","start_time":"`...)
	b = append(now.AppendFormat(b, time.RFC3339Nano), `","end_time":"`...)
	b = append(now.AppendFormat(b, time.RFC3339Nano), `","input":{"messages":`...)
	b = append(appendMessages(b, question), `},"output":{"messages":`...)
	b = append(appendMessages(b, reply), `},"usage":{"prompt_tokens":`...)
	b = append(strconv.AppendInt(b, int64(tokens.prompt), 10), `,"completion_tokens":`...)
	b = append(strconv.AppendInt(b, int64(tokens.completion), 10), '}')
	if parent != uuid.Nil {
		b = append(append(append(b, `,"parent_span_id":"`...), parent.String()...), '"')
	}
	b = append(b, '}', ',')
	f.buffer = b
	if len(f.buffer) >= floorBatch {
		f.hand()
	}
}

// hand gives the buffer to the sender and waits while that is busy. The caller holds the lock.
func (f *floor) hand() {
	f.sent.Add(1)
	f.full <- f.buffer
	f.buffer = make([]byte, 0, floorBatch+floorBatch/4)
}

func appendMessages(b []byte, messages []message) []byte {
	b = append(b, '[')
	for i, m := range messages {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(append(b, `{"role":`...), m.Role), `,"content":`...)
		b = append(appendString(b, m.Content), '}')
	}
	return append(b, ']')
}

// appendString quotes text that holds no control characters.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(append(b, s[start:i]...), '\\')
			start = i
		}
	}
	return append(append(b, s[start:]...), '"')
}

// send posts what is handed over.
func (f *floor) send() {
	defer close(f.done)
	for rows := range f.full {
		if err := f.post(rows); err != nil {
			f.failure = err
		}
		f.sent.Done()
	}
}

func (f *floor) post(rows []byte) error {
	rows[len(rows)-1] = ']'
	body := io.MultiReader(bytes.NewReader([]byte(`{"spans":[`)), bytes.NewReader(rows), bytes.NewReader([]byte("}")))
	if f.gzip {
		var zipped bytes.Buffer
		writer, err := gzip.NewWriterLevel(&zipped, gzip.BestSpeed)
		if err != nil {
			return err
		}
		if _, err := io.Copy(writer, body); err != nil {
			return err
		}
		if err := writer.Close(); err != nil {
			return err
		}
		body = &zipped
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, f.url+"/api/v1/private/spans/batch", body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("status %s", answer.Status)
	}
	return nil
}

func (f *floor) flush(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.buffer) > 0 {
		f.hand()
	}
	f.sent.Wait()
	return f.failure
}

func (f *floor) close(ctx context.Context) error {
	err := f.flush(ctx)
	close(f.full)
	<-f.done
	return err
}
