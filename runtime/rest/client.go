package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// A Client makes requests to one Opik server. It is safe for concurrent use.
type Client struct {
	Spans          *Spans
	Traces         *Traces
	Threads        *Threads
	FeedbackScores *FeedbackScores
	Comments       *Comments
	Attachments    *Attachments
	Projects       *Projects

	base      *url.URL // no slash at its end
	workspace string
	project   string
	http      *http.Client
	own       bool  // http has a transport that nobody else uses
	longest   int64 // answer, or line of one, that is held in memory

	// The key is held by functions only, so that no dump of the client can show it.
	authorize func(http.Header)
	conceal   func(text string) string
}

// New returns a client. It sends nothing; [Client.CheckAuth] asks whether the server takes the key.
func New(o Options) (*Client, error) {
	settings, err := o.settings()
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(settings.URL)
	if err != nil {
		return nil, errUnusableURL
	}
	c := &Client{
		base:      base,
		workspace: settings.Workspace,
		project:   settings.Project,
		http:      redirect.Confined(o.HTTPClient, waitForHeader),
		own:       o.HTTPClient == nil,
		longest:   longestAnswer,
		authorize: func(http.Header) {},
		conceal:   func(text string) string { return text },
	}
	if settings.APIKey != "" {
		c.hold(settings.APIKey)
	}
	c.attach()
	return c, nil
}

// hold makes the client use a key.
func (c *Client) hold(key string) {
	c.authorize = func(header http.Header) { header.Set("Authorization", key) }
	c.conceal = func(text string) string { return strings.ReplaceAll(text, key, "[key]") }
}

// attach makes the services.
func (c *Client) attach() {
	c.Spans, c.Traces, c.Threads = &Spans{c}, &Traces{c}, &Threads{c}
	c.FeedbackScores, c.Comments = &FeedbackScores{c}, &Comments{c}
	c.Attachments, c.Projects = &Attachments{c}, &Projects{c}
}

// Ping asks whether the server is alive: GET /is-alive/ping. It needs no key, and asks once. A server that is not well is
// an [*Error] with status 500.
func (c *Client) Ping(ctx context.Context) error {
	return c.do(ctx, request{method: http.MethodGet, path: "/is-alive/ping", once: true})
}

// Version returns the version of the server: GET /is-alive/ver. It needs no key.
func (c *Client) Version(ctx context.Context) (string, error) {
	found, err := call[struct{ Version string }](ctx, c, request{method: http.MethodGet, path: "/is-alive/ver"})
	if err != nil {
		return "", err
	}
	return found.Version, nil
}

// CheckAuth asks whether the server takes the key and knows the workspace: POST /v1/private/auth. The error matches
// [ErrUnauthorized] if it does not.
func (c *Client) CheckAuth(ctx context.Context) error {
	return c.do(ctx, request{method: http.MethodPost, path: "/v1/private/auth", body: struct{}{}, repeatable: true})
}

// CloseIdleConnections lets go of connections that nobody uses. An HTTPClient that was passed in keeps its own.
func (c *Client) CloseIdleConnections() {
	if c.own {
		c.http.CloseIdleConnections()
	}
}

// String says which server the client talks to, and not with which key.
func (c *Client) String() string {
	if c == nil || c.base == nil {
		return "rest.Client{}"
	}
	return "rest.Client{URL: " + quote(c.base.String()) + ", Workspace: " + quote(c.workspace) + "}"
}

// GoString is String.
func (c *Client) GoString() string { return c.String() }

// LogValue is what slog prints of the client.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// quote quotes a value for String, and takes the password out of a URL.
func quote(text string) string { return strconv.Quote(redacted(text)) }

// redacted returns text without the password that it holds if it is a URL.
func redacted(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.User == nil {
		return text
	}
	return u.Redacted()
}

// mask stands for a key.
func mask(key string) string {
	if key == "" {
		return ""
	}
	return "***"
}
