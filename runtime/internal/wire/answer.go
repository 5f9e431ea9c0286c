package wire

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/answer"
)

// Answers are read as far as this, to use the connection again; a server that says more loses the connection.
const longestAnswer = 64 << 10

// judge reads an answer. It returns nil if the rows are delivered.
func (c *Client) judge(response *http.Response) error {
	now := time.Now()
	c.pace.learn(response.Header, now)
	text, _ := io.ReadAll(io.LimitReader(response.Body, longestAnswer)) // the status decides, not what was said
	verdict := classify(response.StatusCode)
	if verdict == Delivered && isPage(response) {
		verdict = Pause
	}
	if verdict == Delivered {
		return nil
	}
	fault := &Error{Verdict: verdict, Status: response.StatusCode, Message: c.conceal(message(text))}
	switch verdict {
	case Retry:
		fault.After = min(answer.Wait(response.Header, now), longestHint)
		c.pace.hold(fault.After, now)
	case Pause:
		fault.After = pauseInterval
	}
	if elsewhere, found := answer.Redirect(response); found {
		fault.Message = elsewhere
	} else if verdict == Pause && isPage(response) {
		fault.Message = "it is a page and no answer of Opik's API: the URL must be that of the API, like http://localhost:5173/api"
	}
	return fault
}

// isPage reports whether an answer is for people: what a proxy says that wants a login, or Opik's own user interface,
// with whatever status. Nobody who answers so has taken a row.
func isPage(response *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return kind == "text/html"
}

// message finds what a server says about a failure: Opik has two forms, proxies send text.
func message(text []byte) string {
	var document struct {
		Errors  []string `json:"errors"`
		Message string   `json:"message"`
		Details string   `json:"details"`
	}
	said := string(text)
	if json.Unmarshal(text, &document) == nil {
		said = strings.Join(append(document.Errors, document.Message, document.Details), " ")
	}
	return answer.Shorten(said)
}

// scrub takes the address out of an error, which says it at length, and the key, which must not be said.
func (c *Client) scrub(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	if key := c.config.APIKey; key != "" && strings.Contains(err.Error(), key) {
		return errors.New(c.conceal(err.Error()))
	}
	return err
}

// conceal takes the key out of a text that a server wrote.
func (c *Client) conceal(text string) string {
	if c.config.APIKey == "" {
		return text
	}
	return strings.ReplaceAll(text, c.config.APIKey, "[key]")
}
