package wire

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Answers are read as far as this, to use the connection again; a server that says more loses the connection.
const longestAnswer = 64 << 10

// longestMessage is how much of a server's message goes into an error.
const longestMessage = 300

// judge reads an answer. It returns nil if the rows are delivered.
func (c *Client) judge(response *http.Response) error {
	now := time.Now()
	c.pace.learn(response.Header, now)
	text, _ := io.ReadAll(io.LimitReader(response.Body, longestAnswer)) // the status decides, not what was said
	verdict := classify(response.StatusCode)
	if verdict == Delivered {
		return nil
	}
	fault := &Error{Verdict: verdict, Status: response.StatusCode, Message: c.conceal(message(text))}
	switch verdict {
	case Retry:
		fault.After = hint(response.Header, now)
		c.pace.hold(fault.After, now)
	case Pause:
		fault.After = pauseInterval
	}
	if location, err := response.Location(); err == nil && response.StatusCode/100 == 3 {
		fault.Message = "it redirects to " + location.Scheme + "://" + location.Host + ": set the URL to that if it is right"
	}
	return fault
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
	return shorten(strings.Join(strings.Fields(said), " "))
}

// shorten cuts a text between two characters.
func shorten(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) <= longestMessage {
		return text
	}
	cut := longestMessage
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
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
