// Package wire sends rows to Opik over HTTP and says what their fate is. One call is one request; trying again,
// dividing and keeping are the caller's.
package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// Config says where Opik is and who is asking. Only URL must be set.
type Config struct {
	URL       string // the base, with or without a slash at its end
	APIKey    string // sent as it is; "" sends none
	Workspace string
	Version   string // of the runtime

	// HTTP makes the requests; nil is a client of our own. A copy is used, which follows no redirect to another
	// server: the key and the rows are meant for the one that was configured.
	HTTP *http.Client

	NoCompression bool
	Timeout       time.Duration // of one attempt; 0 is a minute
}

// A Client sends rows to one Opik server.
type Client struct {
	config Config
	base   string
	http   *http.Client
	pace   pace
	bodies bodies
	plain  atomic.Bool // the server, or who is before it, takes nothing that is compressed
}

// New returns a client. It sends nothing before the first Deliver.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.URL)
	if err != nil {
		return nil, errors.New("the URL of opik cannot be parsed: want something like http://localhost:5173/api")
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("the URL of opik is %q: want http:// or https:// and a host", base.Redacted())
	}
	if config.Timeout <= 0 {
		config.Timeout = time.Minute
	}
	return &Client{
		config: config,
		base:   strings.TrimRight(config.URL, "/"),
		http:   redirect.Confined(config.HTTP, gatherWrites),
	}, nil
}

// Close lets go of connections that nobody uses. A client that was passed in keeps its own.
func (c *Client) Close() {
	if c.config.HTTP == nil {
		c.http.CloseIdleConnections()
	}
}

// Deliver makes one request of rows, which are of one kind. A nil error means that the server has them all; any
// other error is an *Error that says what to do with them. The rows are not read after Deliver has returned.
func (c *Client) Deliver(ctx context.Context, rows []record.Row) error {
	if len(rows) == 0 {
		return nil
	}
	if rows[0].Kind == record.KindAttachment {
		return c.deliverAttachment(ctx, rows[0])
	}
	target, err := targetOf(rows)
	if err != nil {
		return &Error{Verdict: Refuse, Err: err}
	}
	if err := c.pace.wait(ctx, len(rows)); err != nil {
		return &Error{Verdict: Retry, Err: err}
	}
	defer c.pace.finish(len(rows))
	body := c.enclose(target.opening, rows)
	defer body.release()
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	if target.method == http.MethodPatch && !target.last {
		if err := c.look(ctx, target); err != nil {
			return err
		}
	}
	return c.send(ctx, target, body)
}

// enclose puts rows into a body, which is to be released.
func (c *Client) enclose(opening string, rows []record.Row) *body {
	body := c.bodies.get()
	body.fill(opening, rows)
	if !c.config.NoCompression && !c.plain.Load() {
		body.compress()
	}
	return body
}

// look returns nil if the server has what an update is about.
func (c *Client) look(ctx context.Context, target target) error {
	target.method = http.MethodGet
	request, err := c.request(ctx, target)
	if err != nil {
		return &Error{Verdict: Pause, After: pauseInterval, Err: c.scrub(err)}
	}
	err = c.do(request, target)
	if fault, ok := errors.AsType[*Error](err); ok && fault.Status == http.StatusNotFound {
		fault.Verdict, fault.After = Await, 0
	}
	return err
}

// send makes the request and judges the answer. Who does not take what is compressed gets it, and all that follows, as it
// is.
func (c *Client) send(ctx context.Context, target target, body *body) error {
	request, err := c.request(ctx, target)
	if err != nil {
		return &Error{Verdict: Pause, After: pauseInterval, Err: c.scrub(err)}
	}
	body.enclose(request)
	err = c.do(request, target)
	if fault, ok := errors.AsType[*Error](err); ok && fault.Status == http.StatusUnsupportedMediaType && body.compressed {
		c.plain.Store(true)
		fault.Verdict = Retry
	}
	return err
}

// do makes a request and judges the answer.
func (c *Client) do(request *http.Request, target target) error {
	response, err := c.ask(request)
	if err != nil {
		return &Error{Verdict: Retry, Err: c.scrub(err)}
	}
	defer func() { _ = response.Body.Close() }()
	return target.judged(c.judge(response), response)
}

// ask makes a request. A client that was passed in may have a transport of the program's that panics: on our goroutine
// nobody else would stop that from ending the program.
func (c *Client) ask(request *http.Request) (response *http.Response, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the HTTP client panicked: %v", v)
		}
	}()
	return c.http.Do(request)
}

// request puts the headers on that all requests have.
func (c *Client) request(ctx context.Context, target target) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, target.method, c.base+target.path, http.NoBody)
	if err != nil {
		return nil, err
	}
	header := request.Header
	header.Set("X-OPIK-DEBUG-SDK-LANG", "go")
	for name, value := range map[string]string{
		"Authorization":            c.config.APIKey,
		"Comet-Workspace":          c.config.Workspace,
		"X-OPIK-DEBUG-SDK-VERSION": c.config.Version,
	} {
		if value != "" {
			header.Set(name, value)
		}
	}
	return request, nil
}
