package opik_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
)

// reader is a stream like those of SDKs. It is read in all ways at once.
type reader struct {
	list   []string
	at     int
	err    error // after the list
	closed int
}

func newReader(err error, list ...string) *reader { return &reader{list: list, err: err} }

func (r *reader) Next() bool {
	r.at++
	return r.at <= len(r.list)
}

func (r *reader) Current() string { return r.list[r.at-1] }

func (r *reader) Err() error {
	if r.at > len(r.list) {
		return r.err
	}
	return nil
}

func (r *reader) Close() error {
	r.closed++
	return nil
}

func (r *reader) Recv() (string, error) {
	if !r.Next() {
		if r.err == nil {
			return "", io.EOF
		}
		return "", r.err
	}
	return r.Current(), nil
}

func (r *reader) RecvRaw() ([]byte, error) {
	v, err := r.Recv()
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// decoder is what an SDK makes its stream from.
type decoder interface {
	Next() bool
	Event() []byte
	Err() error
	Close() error
}

// sdkStream is a stream that only its own package can make, from a decoder.
type sdkStream struct {
	decoder decoder
	current string
}

func (s *sdkStream) Next() bool {
	if !s.decoder.Next() {
		return false
	}
	return json.Unmarshal(s.decoder.Event(), &s.current) == nil
}
func (s *sdkStream) Current() string { return s.current }
func (s *sdkStream) Err() error      { return s.decoder.Err() }
func (s *sdkStream) Close() error    { return s.decoder.Close() }

// first is what makes the stream of the call.
type first struct{ *reader }

func (f first) Event() []byte { b, _ := json.Marshal(f.Current()); return b }

// stream is what generated code does around a call that returns an SDK's stream.
func stream(ctx context.Context, inner func() *sdkStream) *sdkStream {
	ctx, span := opik.StartSpan(ctx, "stream", opik.SpanOptions{Type: opik.TypeLLM})
	defer span.End()
	output := inner()
	span.Returned()
	s := opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, word string) { opik.AppendOutput(span, "text", word) }, nil)
	return opik.Rebuild(s, output, func(s *opik.Stream[string, struct{}], orig *sdkStream) *sdkStream {
		return &sdkStream{decoder: opik.Events(s, orig, func(word string) []byte { b, _ := json.Marshal(word); return b })}
	})
}

func TestEvents(t *testing.T) {
	for _, err := range []error{nil, errBroken} {
		rec := opiktest.New(t)
		inner := newReader(err, "a", "b")
		s := stream(rec.Context(), func() *sdkStream { return &sdkStream{decoder: first{inner}} })
		var got []string
		for s.Next() {
			got = append(got, s.Current())
		}
		assert.Equal(t, []string{"a", "b"}, got)
		assert.Equal(t, err, s.Err())
		require.NoError(t, s.Close())
		assert.Equal(t, 1, inner.closed)
		span := said(t, rec)
		assert.Equal(t, map[string]any{"text": "ab"}, span.Output)
		assert.Equal(t, err != nil, span.Error != nil)
	}
}

func TestEventIsMadeOnce(t *testing.T) {
	made := 0
	events := opik.Events[string, struct{}](nil, newReader(nil, "a", "b"), func(word string) string { made++; return word })
	for _, want := range []string{"a", "b"} {
		require.True(t, events.Next())
		assert.Equal(t, want, events.Event())
		assert.Equal(t, want, events.Event())
	}
	assert.Equal(t, 2, made)
}

func TestEventsClosedEarly(t *testing.T) {
	rec := opiktest.New(t)
	inner := newReader(nil, "a", "b")
	s := stream(rec.Context(), func() *sdkStream { return &sdkStream{decoder: first{inner}} })
	require.True(t, s.Next())
	require.NoError(t, s.Close())
	assert.Equal(t, 1, inner.closed)
	assert.Equal(t, went(1, "closed"), said(t, rec).Metadata)
}

func TestRebuildThatCannot(t *testing.T) {
	orig := &sdkStream{}
	type rebuild = func(*opik.Stream[string, struct{}], *sdkStream) (*sdkStream, error)
	cases := map[string]struct {
		orig    *sdkStream
		rebuild rebuild
	}{
		"nil":          {nil, func(*opik.Stream[string, struct{}], *sdkStream) (*sdkStream, error) { return &sdkStream{}, nil }},
		"an error":     {orig, func(*opik.Stream[string, struct{}], *sdkStream) (*sdkStream, error) { return &sdkStream{}, errBroken }},
		"a nil stream": {orig, func(*opik.Stream[string, struct{}], *sdkStream) (*sdkStream, error) { return nil, nil }},
		"a panic":      {orig, func(*opik.Stream[string, struct{}], *sdkStream) (*sdkStream, error) { panic("rebuild") }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
			assert.Equal(t, c.orig, opik.RebuildErr(textStream(ctx, span), c.orig, c.rebuild))
			span.End()
			assert.False(t, said(t, rec).End.IsZero(), "nothing holds the span open")
		})
	}
}

func TestSourceHides(t *testing.T) {
	rec := opiktest.New(t)
	s := chanStream(rec.Context()).Hiding(func(w string) bool { return w == "usage" })
	source := s.Source(newReader(nil, "a", "usage"))
	require.True(t, source.Next())
	assert.Equal(t, "a", source.Current())
	assert.False(t, source.Next())
	require.NoError(t, source.Err())
	assert.Equal(t, map[string]any{"text": "ausage"}, said(t, rec).Output)
}

func TestNext(t *testing.T) {
	rec := opiktest.New(t)
	for _, err := range []error{nil, errBroken} {
		s, r := chanStream(rec.Context()), newReader(err, "a")
		assert.True(t, s.Next(r.Next(), r.Current, r.Err))
		assert.False(t, s.Next(r.Next(), r.Current, r.Err))
		assert.Equal(t, err != nil, said(t, rec).Error != nil)
	}
	s := chanStream(rec.Context())
	assert.False(t, s.Next(false, nil, nil))
	assert.Equal(t, went(0, ""), said(t, rec).Metadata)
}

// replayed reads an answer line by line, as SDKs do.
func replayed(t *testing.T, body io.ReadCloser, prefix string) (words []string, err error) {
	t.Helper()
	lines := bufio.NewReader(body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return words, err
		}
		data, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), prefix)
		assert.True(t, ok)
		words = append(words, data)
	}
}

func TestReplayLines(t *testing.T) {
	for _, err := range []error{io.EOF, errBroken} {
		rec := opiktest.New(t)
		inner := newReader(err, "a", "b")
		response := chanStream(rec.Context()).Replay(inner).Lines()
		words, got := replayed(t, response.Body, "")
		assert.Equal(t, []string{`"a"`, `"b"`}, words)
		assert.Same(t, err, got)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, 1, inner.closed)
		assert.Equal(t, map[string]any{"text": "ab"}, said(t, rec).Output)
		assert.Equal(t, err != io.EOF, said(t, rec).Error != nil) //nolint:errorlint // the very same error
	}
}

func TestReplayClient(t *testing.T) {
	rec := opiktest.New(t)
	inner := newReader(nil, "a", "usage", "b")
	s := chanStream(rec.Context()).Hiding(func(w string) bool { return w == "usage" })
	client := s.ReplayRaw(inner).Client(http.Header{"X-Request-Id": {"7"}})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://replay.invalid/chat", strings.NewReader("{}"))
	require.NoError(t, err)
	response, err := client.Do(request)
	require.NoError(t, err)
	assert.Equal(t, "7", response.Header.Get("X-Request-Id"))
	words, err := replayed(t, response.Body, "data: ")
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, []string{`"a"`, `"b"`, `[DONE]`}, words)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, went(3, ""), said(t, rec).Metadata)
	assert.Equal(t, map[string]any{"text": "ausageb"}, said(t, rec).Output)
}

func TestReplayReadsOnlyWhenItIsRead(t *testing.T) {
	rec := opiktest.New(t)
	inner := newReader(nil, "a", "b", "c")
	body := chanStream(rec.Context()).Replay(inner).Lines().Body
	assert.Zero(t, inner.at)
	n, err := body.Read(make([]byte, 2))
	assert.Equal(t, 2, n)
	require.NoError(t, err)
	assert.Equal(t, 1, inner.at)
	require.NoError(t, body.Close())
	assert.Equal(t, went(1, "closed"), said(t, rec).Metadata)
}

// brokenBody fails after its text.
type brokenBody struct {
	*bytes.Buffer
	err error
}

func (b *brokenBody) Read(p []byte) (int, error) {
	if b.Len() == 0 {
		return 0, b.err
	}
	return b.Buffer.Read(p)
}

func (b *brokenBody) Close() error { return nil }

func TestTeeLines(t *testing.T) {
	const text = "event: x\ndata: {\"a\":1}\n\n: comment\r\ndata:{\"a\":2}\r\n\r\n{\"a\":3}\ndata: [DONE]\n"
	for size := 1; size < len(text); size += 7 {
		rec := recorder(t, opik.Options{})
		ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
		s := opik.StreamOf(ctx, span,
			func(_ *opik.Span, acc *[]json.RawMessage, line []byte) { *acc = append(*acc, bytes.Clone(line)) },
			func(span *opik.Span, acc *[]json.RawMessage) { opik.CaptureOutput(span, "lines", *acc) })
		body := opik.TeeLines(s, &brokenBody{bytes.NewBufferString(text), errBroken})
		var got []byte
		var err error
		for err == nil {
			var n int
			p := make([]byte, size)
			n, err = body.Read(p)
			got = append(got, p[:n]...)
		}
		assert.Same(t, errBroken, err)
		assert.Equal(t, text, string(got))
		require.NoError(t, body.Close())
		lines := []any{map[string]any{"a": 1.0}, map[string]any{"a": 2.0}, map[string]any{"a": 3.0}}
		assert.Equal(t, map[string]any{"lines": lines}, said(t, rec).Output)
		assert.Equal(t, went(3, "error"), said(t, rec).Metadata)
	}
}

func TestTeeLinesLeavesOutLinesThatAreTooLong(t *testing.T) {
	rec := recorder(t, opik.Options{MaxValueBytes: 32})
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	var got []string
	s := opik.StreamOf(ctx, span, func(_ *opik.Span, _ *struct{}, line []byte) { got = append(got, string(line)) }, nil)
	text := `{"a":"` + strings.Repeat("x", 100) + "\"}\n{\"b\":1}\n"
	body := opik.TeeLines(s, io.NopCloser(iotestOneByte{strings.NewReader(text)}))
	_, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Equal(t, []string{`{"b":1}`}, got)
}

// iotestOneByte reads one byte at a time.
type iotestOneByte struct{ io.Reader }

func (r iotestOneByte) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), 1)]) }

func TestTeeBody(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	s := opik.StreamOf(ctx, span, func(span *opik.Span, _ *struct{}, piece []byte) { opik.AppendOutput(span, "body", string(piece)) }, nil)
	body := opik.TeeBody(s, io.NopCloser(strings.NewReader("hello")))
	n, err := body.Read(make([]byte, 3))
	assert.Equal(t, 3, n)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	assert.Equal(t, map[string]any{"body": "hel"}, said(t, rec).Output)
	assert.Equal(t, went(1, "closed"), said(t, rec).Metadata)
}

// failsToClose is a body or a stream whose Close has something to say.
type failsToClose struct{ *reader }

func (failsToClose) Read([]byte) (int, error) { return 0, io.EOF }
func (failsToClose) Close() error             { return errBroken }

func TestErrorsOfCloseArePassedOn(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	body := opik.TeeBody(opik.StreamOf[[]byte, struct{}](ctx, span, nil, nil), failsToClose{})
	assert.Same(t, errBroken, body.Close())
	response := chanStream(rec.Context()).Replay(failsToClose{newReader(nil)}).Lines()
	assert.Same(t, errBroken, response.Body.Close())
	span.End()
}

// TestABodyThatIsClosedWhileItIsRead has one goroutine that reads and another that has heard enough.
func TestABodyThatIsClosedWhileItIsRead(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	s := opik.StreamOf[[]byte, struct{}](ctx, span, nil, nil)
	span.End()
	reader, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	body := opik.TeeBody(s, slowClose{reader})
	read := make(chan error)
	go func() {
		_, err := body.Read(make([]byte, 1))
		read <- err
	}()
	closed := make(chan error)
	go func() { closed <- body.Close() }()
	require.ErrorIs(t, <-read, io.ErrClosedPipe, "while it is being closed")
	require.NoError(t, <-closed)
	assert.Equal(t, went(0, "closed"), said(t, rec).Metadata)
	assert.Nil(t, said(t, rec).Error)
}

// slowClose is a body whose readers learn that it is closed before Close returns.
type slowClose struct{ *io.PipeReader }

func (s slowClose) Close() error {
	err := s.PipeReader.Close()
	for range 1000 {
		runtime.Gosched()
	}
	return err
}

func TestTeeFrames(t *testing.T) {
	cases := map[string]struct {
		body   []byte
		frames []string
		failed string
	}{
		"events": {
			append(frame("event", "messageStart", `{"role":"assistant"}`), frame("event", "messageStop", `{"stopReason":"end_turn"}`)...),
			[]string{`messageStart {"role":"assistant"}`, `messageStop {"stopReason":"end_turn"}`}, "",
		},
		"chunks of a model that is invoked": {frame("event", "chunk", `{"bytes":"eyJhIjoxfQ==","p":"ab"}`), []string{`chunk {"a":1}`}, ""},
		"an exception":                      {frame("exception", "throttlingException", `{"message":"slow down"}`), nil, `{"message":"slow down"}`},
		"an error":                          {frame("error", "InternalError", "what happened"), nil, "what happened"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec := opiktest.New(t)
			var frames []string
			ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
			s := opik.StreamOf(ctx, span, func(_ *opik.Span, _ *struct{}, f opik.Frame) { frames = append(frames, f.Type+" "+string(f.Payload)) }, nil)
			response := &http.Response{
				StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(c.body)),
				Header: http.Header{"Content-Type": {"application/vnd.amazon.eventstream"}},
			}
			opik.TeeFrames(s, response)
			span.Returned()
			span.End()
			got, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, c.body, got)
			assert.Equal(t, c.frames, frames)
			if c.failed != "" {
				assert.Equal(t, c.failed, said(t, rec).Error.Message)
			} else {
				assert.Nil(t, said(t, rec).Error)
			}
		})
	}
}

func TestTeeFramesLeavesOtherAnswersAlone(t *testing.T) {
	rec := opiktest.New(t)
	ctx, span := opik.StartSpan(rec.Context(), "s", opik.SpanOptions{})
	s := opik.StreamOf(ctx, span, func(*opik.Span, *struct{}, opik.Frame) {}, nil)
	body := io.NopCloser(strings.NewReader("{}"))
	refused := &http.Response{StatusCode: http.StatusTooManyRequests, Body: body, Header: http.Header{"Content-Type": {"application/json"}}}
	opik.TeeFrames(s, refused)
	assert.Equal(t, body, refused.Body)
	opik.TeeFrames(s, nil)
	opik.TeeFrames(s, &http.Response{})
	span.Returned(errors.New("too many requests"))
	span.End()
	assert.NotNil(t, said(t, rec).Error)
}
