package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// A request is what a method of a service asks for.
type request struct {
	method string
	path   string     // below the base URL
	query  url.Values // nil is none
	body   any        // sent as JSON, unless nil

	// repeatable says that doing it twice does no more than once, so that it may be sent again after an answer
	// behind which it may have been done. GET, PUT, PATCH and DELETE are repeatable anyway.
	repeatable bool
	once       bool // no answer makes the client try again

	raw      *payload // sent as it is, in place of body
	download bool     // the answer may be of any type
}

// A payload is a body that is no JSON.
type payload struct {
	content  func() io.Reader // for each attempt anew
	size     int64
	mimeType string
	url      string // absolute, in place of the path: a URL that was signed by the server
	foreign  bool   // the URL is not Opik's, which must not see the headers that are for Opik
}

// call makes a request and decodes the answer.
func call[T any](ctx context.Context, c *Client, r request) (*T, error) {
	response, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	value := new(T)
	if err := c.decode(r, response, value); err != nil {
		return nil, err
	}
	return value, nil
}

// do makes a request whose answer says nothing but that it went well.
func (c *Client) do(ctx context.Context, r request) error {
	response, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	drain(response.Body)
	return response.Body.Close()
}

// create makes a request that creates something, and returns the id under which the server keeps it, which is known if
// it was sent.
func (c *Client) create(ctx context.Context, r request, known string) (id string, err error) {
	response, err := c.send(ctx, r)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	if id = cmp.Or(known, created(response)); id == "" {
		return "", fmt.Errorf("the answer to %s %s says that it is done, and not under which id", r.method, r.path)
	}
	drain(response.Body)
	return id, nil
}

// send makes a request as often as it takes. The answer is a success, and the caller closes it.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	body, err := r.encode()
	if err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		response, err := c.attempt(ctx, r, body)
		if err == nil {
			return response, nil
		}
		if again := c.pause(ctx, r, attempt, err); again {
			continue
		}
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			return nil, fmt.Errorf("%w, then: %w", err, cause)
		}
		return nil, err
	}
}

// attempt makes a request once.
func (c *Client) attempt(ctx context.Context, r request, body []byte) (*http.Response, error) {
	prepared, err := c.prepare(ctx, r, body)
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be asked of opik: %w", r.method, r.path, c.scrub(err))
	}
	response, err := c.http.Do(prepared)
	if err != nil {
		return nil, fmt.Errorf("opik did not answer %s %s: %w", r.method, r.path, c.scrub(err))
	}
	if err := c.judge(r, response); err != nil {
		_ = response.Body.Close()
		return nil, err
	}
	return response, nil
}

// encode returns the body as JSON.
func (r request) encode() ([]byte, error) {
	switch body := r.body.(type) {
	case nil:
		return nil, nil
	case encoded:
		return body, nil
	}
	body, err := encodeJSON(r.body)
	if err != nil {
		return nil, fmt.Errorf("the body of %s %s cannot be encoded: %w", r.method, r.path, err)
	}
	return body, nil
}

// prepare puts method, address, headers and body together.
func (c *Client) prepare(ctx context.Context, r request, body []byte) (*http.Request, error) {
	if r.raw != nil {
		return c.prepareRaw(ctx, r)
	}
	address := c.base.JoinPath(r.path)
	address.RawQuery = r.query.Encode()
	prepared, err := http.NewRequestWithContext(ctx, r.method, address.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	if body != nil {
		prepared.Body, prepared.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		prepared.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		prepared.Header.Set("Content-Type", "application/json")
	}
	c.introduce(prepared.Header)
	return prepared, nil
}

// prepareRaw does so for a payload.
func (c *Client) prepareRaw(ctx context.Context, r request) (*http.Request, error) {
	prepared, err := http.NewRequestWithContext(ctx, r.method, r.raw.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(r.raw.content()), nil }
	prepared.GetBody, prepared.ContentLength = open, r.raw.size
	prepared.Body, _ = open()
	if r.raw.foreign {
		return prepared, nil
	}
	if !redirect.SameServer(prepared.URL, c.base) {
		return nil, fmt.Errorf("it names %s://%s for the upload, which is not where the key belongs", prepared.URL.Scheme, prepared.URL.Host)
	}
	prepared.Header.Set("Content-Type", r.raw.mimeType)
	c.introduce(prepared.Header)
	return prepared, nil
}

// introduce says who is asking.
func (c *Client) introduce(header http.Header) {
	c.authorize(header)
	header.Set("Comet-Workspace", c.workspace)
	header.Set("X-OPIK-DEBUG-SDK-LANG", "go")
}

// scrub takes the address out of an error, which says it at length, and the key, which must not be said.
func (c *Client) scrub(err error) error {
	for {
		outer, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = outer.Err
	}
	if text := err.Error(); c.conceal(text) != text {
		return errors.New(c.conceal(text))
	}
	return err
}
