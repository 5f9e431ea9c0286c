package rest

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/answer"
)

const (
	longestFault  = 64 << 10  // is read of an answer that is no success, and of one whose body says nothing
	longestAnswer = 128 << 20 // is held in memory: a document, or a line of a stream. Opik's longest string has 100 MB
)

// judge tells answers apart. It unpacks the body of one that is a success.
func (c *Client) judge(r request, response *http.Response) error {
	if err := unzip(response); err != nil {
		return fmt.Errorf("the answer to %s %s cannot be read: %w", r.method, r.path, err)
	}
	if response.StatusCode/100 == 2 && (r.download || !isPage(response)) {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, longestFault)) // the status decides, not what was said
	return &Error{
		Method:     r.method,
		Path:       r.path,
		Status:     response.StatusCode,
		Messages:   c.concealed(messages(response, text)),
		RequestID:  c.conceal(answer.Shorten(response.Header.Get("X-Request-Id"))),
		RetryAfter: answer.Wait(response.Header, time.Now()),
	}
}

// messages finds what a server says about a failure.
func messages(response *http.Response, text []byte) []string {
	if elsewhere, found := answer.Redirect(response); found {
		return []string{elsewhere}
	}
	if isPage(response) {
		return []string{"found an HTML page and expected JSON: the URL must be that of Opik's API, like http://localhost:5173/api", title(text)}
	}
	var said fault
	if json.Unmarshal(text, &said) != nil {
		said.Message = string(text)
	}
	return said.messages()
}

// concealed takes the key out of what a server says.
func (c *Client) concealed(messages []string) []string {
	for i, message := range messages {
		messages[i] = c.conceal(message)
	}
	return messages
}

// A fault is what Opik says about a failure: its validation has the one form, everything else the other.
type fault struct {
	Errors  []string `json:"errors"`
	Code    int      `json:"code"`
	Message string   `json:"message"`
	Details string   `json:"details"`
}

// messages returns what is said, in short.
func (f fault) messages() []string {
	var said []string
	for _, message := range append(f.Errors, f.Message, f.Details) {
		if message = answer.Shorten(message); message != "" {
			said = append(said, message)
		}
	}
	return said
}

// isPage reports whether an answer is for people: what a proxy, a login or Opik's own user interface says.
func isPage(response *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return kind == "text/html"
}

// title finds the title of a page.
func title(page []byte) string {
	_, rest, _ := strings.Cut(string(page), "<title>")
	name, _, found := strings.Cut(rest, "</title>")
	if !found {
		return "it has no title"
	}
	return "its title is " + answer.Shorten(name)
}

// unzip unpacks a body that net/http left packed, as it does where a transport asks for gzip by itself.
func unzip(response *http.Response) error {
	if response.Header.Get("Content-Encoding") != "gzip" || response.ContentLength == 0 {
		return nil
	}
	unpacked, err := gzip.NewReader(response.Body)
	if err != nil {
		return fmt.Errorf("it says that it is gzip, and is not: %w", err)
	}
	response.Body = &unzipped{Reader: unpacked, packed: response.Body}
	response.ContentLength = -1
	return nil
}

// unzipped is a body that was packed.
type unzipped struct {
	*gzip.Reader
	packed io.ReadCloser
}

// Close closes both.
func (u *unzipped) Close() error { return errors.Join(u.Reader.Close(), u.packed.Close()) }

// decode reads the document of an answer.
func (c *Client) decode(r request, response *http.Response, value any) error {
	limited := &limitedReader{source: response.Body, left: c.longest}
	err := json.NewDecoder(limited).Decode(value)
	switch {
	case err == nil:
		drain(response.Body)
		return nil
	case limited.exceeded():
		return fmt.Errorf("the answer to %s %s is longer than %d MiB, ask for smaller pages or exclude fields: %w",
			r.method, r.path, c.longest>>20, ErrTooLarge)
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the answer to %s %s is no JSON document as expected: %w", r.method, r.path, c.scrub(err))
}

// A limitedReader reads so much and no more.
type limitedReader struct {
	source io.Reader
	left   int64
}

// Read fails once more was read than there may be.
func (l *limitedReader) Read(p []byte) (int, error) {
	if l.exceeded() {
		return 0, ErrTooLarge
	}
	n, err := l.source.Read(p[:min(int64(len(p)), l.left+1)])
	l.left -= int64(n)
	return n, err
}

// exceeded reports whether there was more than there may be.
func (l *limitedReader) exceeded() bool { return l.left < 0 }

// drain reads what is left of a body, if it is not much, so that the connection can be used again.
func drain(body io.Reader) { _, _ = io.CopyN(io.Discard, body, longestFault) }

// created returns the id of what was created: the last part of the Location, or, if there is none, what a document says.
func created(response *http.Response) string {
	if location, err := response.Location(); err == nil {
		return path.Base(location.Path)
	}
	var said struct{ ID string }
	_ = json.NewDecoder(io.LimitReader(response.Body, longestFault)).Decode(&said)
	return said.ID
}
