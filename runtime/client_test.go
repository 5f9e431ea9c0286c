package opik_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// cleanEnvironment makes the test see no setting but the given ones.
func cleanEnvironment(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, pair := range os.Environ() {
		if key, value, _ := strings.Cut(pair, "="); strings.HasPrefix(key, "OPIK_") {
			t.Setenv(key, value) // restores it after the test
			require.NoError(t, os.Unsetenv(key))
		}
	}
	t.Setenv("HOME", t.TempDir())
	for key, value := range variables {
		t.Setenv(key, value)
	}
}

// logger returns one that writes to the buffer.
func logger() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}

func TestNewWithNothingConfiguredIsOffAndSaysSoOnce(t *testing.T) {
	cleanEnvironment(t, nil)
	log, lines := logger()
	c, err := opik.New(opik.Options{Logger: log})
	require.NoError(t, err)
	assert.False(t, c.Active())
	ctx := opik.WithClient(t.Context(), c)
	for range 3 {
		same, span := opik.StartSpan(ctx, "s", opik.SpanOptions{})
		assert.Equal(t, ctx, same)
		assert.Nil(t, span)
	}
	require.NoError(t, c.Flush(ctx))
	require.NoError(t, c.Close(ctx))
	assert.Zero(t, c.Stats())
	assert.Equal(t, 1, strings.Count(lines.String(), "\n"))
	assert.Contains(t, lines.String(), "tracing is off: no URL, API key or sink is configured")
}

func TestNewReadsTheEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows")
	cleanEnvironment(t, map[string]string{"OPIK_SINK": "file:" + path, "OPIK_PROJECT_NAME": "of the environment"})
	c, err := opik.New(opik.Options{Environment: "staging"})
	require.NoError(t, err)
	_, span := c.StartSpan(t.Context(), "s", opik.SpanOptions{})
	span.End()
	require.NoError(t, c.Close(t.Context()))
	rows := readRows(t, path)
	require.Len(t, rows, 2)
	assert.Equal(t, "of the environment", rows[0].Project)
	assert.Equal(t, "staging", rows[0].Environment)
}

func TestNewReadsTheConfigurationFile(t *testing.T) {
	cleanEnvironment(t, nil)
	home, err := os.UserHomeDir()
	require.NoError(t, err)
	file := filepath.Join(home, ".opik.config")
	require.NoError(t, os.WriteFile(file, []byte("[opik]\nsink = file:"+filepath.Join(home, "rows")+"\n"), 0o600))
	c, err := opik.New(opik.Options{})
	require.NoError(t, err)
	assert.True(t, c.Active())
	require.NoError(t, c.Close(t.Context()))
}

func TestNewRefusesMistakes(t *testing.T) {
	cleanEnvironment(t, nil)
	for want, o := range map[string]opik.Options{
		"wants an API key":      {URL: "https://www.comet.com/opik/api"},
		`the workspace is "w"`:  {URL: "http://localhost:5173/api", Workspace: "w"},
		`the sink is "nothing"`: {Sink: "nothing"},
		"cannot be written":     {Sink: "file:" + t.TempDir()},
	} {
		c, err := opik.New(o)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "opik: ")
		assert.Nil(t, c)
	}
}

func TestNewWarnsOfAFileThatIsNotThere(t *testing.T) {
	cleanEnvironment(t, map[string]string{"OPIK_CONFIG_PATH": filepath.Join(t.TempDir(), "none")})
	log, lines := logger()
	_, err := opik.New(opik.Options{Logger: log})
	require.NoError(t, err)
	assert.Contains(t, lines.String(), "level=WARN")
	assert.Contains(t, lines.String(), "the configuration file cannot be read")
}

// answering is an Opik that answers with a status.
type answering struct {
	status int
	mu     sync.Mutex
	seen   []*http.Request
}

func (a *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen = append(a.seen, r)
	if a.status == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader(`{"message":"no"}`)), Header: http.Header{}, Request: r}, nil
}

func TestTheKeyIsSentAndNeverTold(t *testing.T) {
	const key = "a-key-that-nobody-may-see"
	synctest.Test(t, func(t *testing.T) {
		server := &answering{status: http.StatusUnauthorized}
		log, lines := logger()
		c, err := opik.New(opik.Options{
			URL: "https://opik.example.com/api/", APIKey: key, Workspace: "w", HTTPClient: &http.Client{Transport: server},
			Logger: log, Isolated: true, Delivery: opik.Delivery{NoSpool: true}, FlushTimeout: time.Second,
		})
		require.NoError(t, err)
		_, span := c.StartSpan(t.Context(), "s", opik.SpanOptions{})
		span.End()
		flushed := c.Flush(t.Context())
		require.Error(t, flushed)
		closed := c.Close(t.Context())
		require.Error(t, closed)
		told := lines.String() + flushed.Error() + closed.Error() + c.Stats().LastError
		assert.NotContains(t, told, key)

		require.NotEmpty(t, server.seen)
		request := server.seen[0]
		assert.Equal(t, "https://opik.example.com/api/v1/private/traces/batch", request.URL.String())
		assert.Equal(t, key, request.Header.Get("Authorization"))
		assert.Equal(t, "w", request.Header.Get("Comet-Workspace"))
	})
}

func TestAServerThatIsAwayStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := opik.New(opik.Options{
			URL: "http://localhost:5173/api", HTTPClient: &http.Client{Transport: &answering{}}, Isolated: true,
			Logger: slog.New(slog.DiscardHandler), Delivery: opik.Delivery{NoSpool: true, QueueRows: 10}, FlushTimeout: 3 * time.Second,
		})
		require.NoError(t, err)
		start := time.Now()
		for range 100 {
			_, span := c.StartSpan(t.Context(), "s", opik.SpanOptions{})
			span.End()
		}
		assert.Equal(t, start, time.Now(), "recording did not wait")
		assert.EqualValues(t, 190, c.Stats().Dropped[opik.QueueFull])

		_, span := c.StartSpan(t.Context(), "s", opik.SpanOptions{Flush: true})
		span.End()
		assert.Equal(t, 3*time.Second, time.Since(start), "a span with Flush waits so long")

		require.ErrorIs(t, c.Flush(t.Context()), context.DeadlineExceeded)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Error(t, c.Close(ctx))
		assert.Equal(t, 7*time.Second, time.Since(start))
	})
}

// TestRowsWaitInTheUsersCacheByDefault closes clients whose server is away.
func TestRowsWaitInTheUsersCacheByDefault(t *testing.T) {
	for name, delivery := range map[string]opik.Delivery{"by default": {}, "elsewhere": {SpoolDir: t.TempDir()}, "nowhere": {NoSpool: true}} {
		cleanEnvironment(t, nil)
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		cache, err := os.UserCacheDir()
		require.NoError(t, err)
		c, err := opik.New(opik.Options{
			URL: "http://localhost:5173/api", HTTPClient: &http.Client{Transport: &answering{}}, Isolated: true,
			Logger: slog.New(slog.DiscardHandler), Delivery: delivery,
		})
		require.NoError(t, err)
		_, span := c.StartSpan(t.Context(), "s", opik.SpanOptions{})
		span.End()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.Error(t, c.Close(ended))
		spooled, err := filepath.Glob(filepath.Join(cache, "opik", "spool", "*", "*.rows"))
		require.NoError(t, err)
		assert.Equal(t, name == "by default", len(spooled) > 0, name)
		spooled, err = filepath.Glob(filepath.Join(delivery.SpoolDir, "*", "*.rows"))
		require.NoError(t, err)
		assert.Equal(t, name == "elsewhere", len(spooled) > 0, name)
	}
}

func TestBlockWaitsForRoomUntilCloseEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := opik.New(opik.Options{
			URL: "http://localhost:5173/api", HTTPClient: &http.Client{Transport: &answering{}}, Isolated: true,
			Logger: slog.New(slog.DiscardHandler), Delivery: opik.Delivery{NoSpool: true, QueueRows: 2, Block: true},
		})
		require.NoError(t, err)
		start := time.Now()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, fits := c.StartSpan(short, "fits", opik.SpanOptions{})
		fits.End()
		_, waits := c.StartSpan(short, "waits", opik.SpanOptions{})
		waits.End()
		assert.Equal(t, time.Second, time.Since(start), "the end of a span waits until its context ends")
		assert.EqualValues(t, 2, c.Stats().Dropped[opik.WaitEnded])

		_, open := c.StartSpan(context.Background(), "open", opik.SpanOptions{})
		require.NotNil(t, open)
		closing, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Error(t, c.Close(closing))
		assert.Equal(t, 2*time.Second, time.Since(start), "and that of an unfinished one until Close may no longer")
	})
}

func TestRowsGoOutByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := opiktest.New(t)
		_, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
		span.End()
		<-time.After(2 * time.Second)
		synctest.Wait()
		assert.EqualValues(t, 2, rec.Client.Stats().Sent)
	})
}

func TestTheConsoleIsNoServer(t *testing.T) {
	cleanEnvironment(t, nil)
	stderr, network := os.Stderr, &answering{status: http.StatusNoContent}
	shown, err := os.Create(filepath.Join(t.TempDir(), "shown"))
	require.NoError(t, err)
	os.Stderr = shown
	t.Cleanup(func() { os.Stderr = stderr })
	c, err := opik.New(opik.Options{Sink: "console", URL: "http://localhost:5173/api", HTTPClient: &http.Client{Transport: network}, Isolated: true})
	require.NoError(t, err)
	_, span := c.StartSpan(t.Context(), "on the console", opik.SpanOptions{})
	span.End()
	require.NoError(t, c.Close(t.Context()))
	assert.Empty(t, network.seen)
	require.NoError(t, shown.Close())
	text, err := os.ReadFile(shown.Name())
	require.NoError(t, err)
	assert.Contains(t, string(text), "on the console")
}

func TestSendOnStart(t *testing.T) {
	var started, ended []row
	rows := rowsOf(t, opik.Options{SendOnStart: true}, func(ctx context.Context, c *opik.Client) {
		_, span := opik.StartSpan(ctx, "long", opik.SpanOptions{Type: opik.TypeLLM})
		require.NoError(t, c.Flush(ctx))
		opik.CaptureOutput(span, "output", "done")
		span.End()
		_, short := opik.StartSpan(ctx, "short", opik.SpanOptions{NoDuplicateRoot: true})
		short.End()
	})
	require.Len(t, rows, 5, "the start of the short one was replaced while it was queued")
	started, ended = rows[:2], rows[2:4]
	for i := range started {
		assert.True(t, started[i].End.IsZero())
		assert.Equal(t, "long", started[i].Name)
		assert.Equal(t, started[i].ID, ended[i].ID)
		assert.Equal(t, started[i].Start, ended[i].Start)
		assert.True(t, ended[i].Updated.After(started[i].Updated))
		assert.JSONEq(t, `{"output":"done"}`, string(ended[i].Output))
	}
	assert.Equal(t, "llm", started[1].Type)
}

// TestCloseOfEverySinkTwice is what a program does that closes its client in main and when it gets a signal.
func TestCloseOfEverySinkTwice(t *testing.T) {
	for _, o := range []opik.Options{
		{Sink: "console"}, {Sink: "file:" + filepath.Join(t.TempDir(), "rows.jsonl")}, {URL: "http://localhost:1/api"},
		{Export: func(context.Context, []opik.Finished) error { return nil }},
	} {
		o.Isolated = true
		c, err := opik.New(o)
		require.NoError(t, err)
		require.NoError(t, c.Close(t.Context()))
		assert.NoError(t, c.Close(t.Context()), o.Sink)
	}
}

// TestAClosedClientStaysOff switches a client on while it is closed: one that records after that would do so for nothing,
// for ever, and let all other calls pay for it.
func TestAClosedClientStaysOff(t *testing.T) {
	for range 5000 {
		c, err := opik.New(opik.Options{Isolated: true, Export: func(context.Context, []opik.Finished) error { return nil }})
		require.NoError(t, err)
		var switching sync.WaitGroup
		for range 4 {
			switching.Go(func() {
				for range 50 {
					c.SetActive(true)
				}
			})
		}
		require.NoError(t, c.Close(t.Context()))
		switching.Wait()
		require.False(t, c.Active())
	}
}

func TestDefault(t *testing.T) {
	cleanEnvironment(t, nil)
	setDefault(t, nil)
	c := opik.Default()
	require.NotNil(t, c)
	assert.Same(t, c, opik.Default())
	assert.False(t, c.Active())

	rec := opiktest.New(t)
	assert.Same(t, c, opik.SetDefault(rec.Client))
	ctx, span := opik.StartSpan(context.Background(), "s", opik.SpanOptions{})
	require.NotNil(t, span)
	span.End()
	ctx, trace := opik.StartTrace(ctx, "t", opik.TraceOptions{})
	trace.End()
	require.NoError(t, opik.Flush(ctx))
	assert.EqualValues(t, 3, rec.Client.Stats().Sent)
	require.NoError(t, opik.Close(ctx))
	assert.False(t, rec.Client.Active())
}

func TestDefaultOfAWrongEnvironmentIsOff(t *testing.T) {
	cleanEnvironment(t, map[string]string{"OPIK_SINK": "nothing"})
	setDefault(t, nil)
	log, lines := logger()
	previous := slog.Default()
	slog.SetDefault(log)
	defer slog.SetDefault(previous)
	assert.False(t, opik.Default().Active())
	_, span := opik.StartSpan(t.Context(), "s", opik.SpanOptions{})
	assert.Nil(t, span)
	assert.Equal(t, 1, strings.Count(lines.String(), "level=ERROR"))
	assert.Contains(t, lines.String(), "the sink is")
}

// setLog makes a logger the default one during the test. Package log, which slog leads to it, is led back, too.
func setLog(t *testing.T, logger *slog.Logger) {
	t.Helper()
	previous, writer, flags := slog.Default(), log.Writer(), log.Flags()
	t.Cleanup(func() {
		slog.SetDefault(previous)
		log.SetOutput(writer)
		log.SetFlags(flags)
	})
	slog.SetDefault(logger)
}

// tracedHandler is a handler of logs that is traced itself, as one is that sends them by a client with a traced transport.
type tracedHandler struct{ slog.Handler }

func (h tracedHandler) Handle(ctx context.Context, r slog.Record) error {
	ctx, span := opik.StartSpan(ctx, "log", opik.SpanOptions{})
	defer span.End()
	return h.Handler.Handle(ctx, r)
}

// TestTheDefaultIsMadeWhileALogIsTraced is about what is said when the default client is made, which starts a span, for
// which the default client is needed: that stopped the program.
func TestTheDefaultIsMadeWhileALogIsTraced(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"off":     nil,
		"mistake": {"OPIK_TRACK_DISABLE": "maybe"},
		"warning": {"OPIK_CONFIG_PATH": "/does/not/exist", "OPIK_SINK": "file:" + filepath.Join(t.TempDir(), "rows.jsonl")},
	} {
		t.Run(name, func(t *testing.T) {
			cleanEnvironment(t, variables)
			previous := opik.SetDefault(nil)
			defer opik.SetDefault(previous)
			var lines bytes.Buffer
			setLog(t, slog.New(tracedHandler{slog.NewTextHandler(&lines, nil)}))
			made := make(chan *opik.Client)
			go func() { made <- opik.Default() }()
			select {
			case c := <-made:
				require.NoError(t, c.Close(t.Context()))
			case <-time.After(10 * time.Second):
				require.Fail(t, "the default client is not made")
			}
			assert.Contains(t, lines.String(), "opik: ")
			assert.Equal(t, 1, strings.Count(lines.String(), "\n"), "it is said once")
		})
	}
}

func TestFlushAndCloseWithoutADefault(t *testing.T) {
	cleanEnvironment(t, map[string]string{"OPIK_SINK": "nothing"})
	setDefault(t, nil)
	require.NoError(t, opik.Flush(t.Context()), "nothing was recorded, so nothing is made only to be flushed")
	require.NoError(t, opik.Close(t.Context()))
}

func TestNilClient(t *testing.T) {
	var c *opik.Client
	assert.False(t, c.Active())
	c.SetActive(true)
	_, span := c.StartSpan(t.Context(), "s", opik.SpanOptions{})
	assert.Nil(t, span)
	_, trace := c.StartTrace(t.Context(), "t", opik.TraceOptions{})
	assert.Nil(t, trace)
	require.NoError(t, c.Flush(t.Context()))
	require.NoError(t, c.Close(t.Context()))
	assert.Zero(t, c.Stats())
}

func TestClientsOfOneProcessDoNotMix(t *testing.T) {
	a, b := recorder(t, opik.Options{Project: "a"}), recorder(t, opik.Options{Project: "b"})
	ctx, first := opik.StartSpan(a.Context(), "first", opik.SpanOptions{})
	_, other := b.Client.StartSpan(ctx, "by the client", opik.SpanOptions{})
	other.End()
	inner, other := opik.StartSpan(opik.WithClient(ctx, b.Client), "by the context", opik.SpanOptions{})
	_, below := opik.StartSpan(inner, "below", opik.SpanOptions{})
	below.End()
	other.End()
	_, same := opik.StartSpan(opik.WithClient(ctx, a.Client), "same client", opik.SpanOptions{})
	same.End()
	first.End()

	require.Len(t, a.Traces(), 1)
	assert.NotNil(t, a.Traces()[0].Spans[0].Find("same client"))
	require.Len(t, b.Traces(), 2)
	assert.Equal(t, "by the client", b.Traces()[0].Name)
	assert.NotNil(t, b.Traces()[1].Find("by the context").Find("below"))
	assert.Equal(t, "b", b.Traces()[1].Project)
}

func TestProjects(t *testing.T) {
	rec := recorder(t, opik.Options{Project: "of the client"})
	start := func(ctx context.Context, o opik.SpanOptions) {
		_, span := opik.StartSpan(ctx, "s", o)
		span.End()
	}
	ctx := opik.WithProject(rec.Context(), " of the context ")
	start(rec.Context(), opik.SpanOptions{})
	start(ctx, opik.SpanOptions{})
	start(ctx, opik.SpanOptions{Project: "of the span"})
	start(ctx, opik.SpanOptions{Project: "  "})
	inner, trace := opik.StartTrace(ctx, "t", opik.TraceOptions{})
	start(opik.WithProject(inner, "too late"), opik.SpanOptions{})
	trace.End()
	var got []string
	for _, trace := range rec.Traces() {
		got = append(got, trace.Project)
		for _, span := range trace.Spans {
			assert.Equal(t, trace.Project, span.Project)
		}
	}
	assert.Equal(t, []string{"of the client", "of the context", "of the span", "of the context", "of the context"}, got)
}

func TestContextOfASpanIsAContext(t *testing.T) {
	type key struct{}
	rec := opiktest.New(t)
	outer, cancel := context.WithCancel(context.WithValue(rec.Context(), key{}, "v"))
	ctx, span := opik.StartSpan(outer, "s", opik.SpanOptions{})
	defer span.End()
	assert.Equal(t, "v", ctx.Value(key{}))
	assert.Same(t, span, opik.CurrentSpan(ctx))
	assert.Equal(t, span.TraceID(), opik.CurrentTrace(ctx).ID())
	assert.Nil(t, opik.CurrentSpan(outer))
	cancel()
	<-ctx.Done()
	require.ErrorIs(t, ctx.Err(), context.Canceled)

	_, child := opik.StartSpan(ctx, "after the cancellation", opik.SpanOptions{})
	require.NotNil(t, child, "recording does not look at cancellation")
	child.End()
}
