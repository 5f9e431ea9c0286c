package opik_test

import (
	"context"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	opik "github.com/opikgen/opikgen/runtime"
)

// counted returns a stream that counts words, and nil for the benchmark's bare half.
func counted(b *testing.B, traced bool) *opik.Stream[string, int] {
	b.Helper()
	if !traced {
		return nil
	}
	client, err := opik.New(opik.Options{
		Isolated: true, URL: "http://localhost/api", HTTPClient: &http.Client{Transport: discard{}}, Delivery: opik.Delivery{NoSpool: true},
	})
	require.NoError(b, err)
	b.Cleanup(func() { _ = client.Close(context.Background()) })
	ctx, span := opik.StartSpan(opik.WithClient(context.Background(), client), "s", opik.SpanOptions{})
	defer span.End()
	return counting(ctx, span)
}

// BenchmarkStream is what one element of a stream costs, bare and traced.
func BenchmarkStream(b *testing.B) {
	kinds := map[string]func(b *testing.B, s *opik.Stream[string, int]){
		"seq2": benchSeq2, "chan": benchChan, "func": benchFunc, "next": benchNext, "recv": benchRecv,
		"events": benchEvents, "replay": benchReplay,
	}
	for _, name := range []string{"seq2", "chan", "func", "next", "recv", "events", "replay"} {
		for label, traced := range map[string]bool{"bare": false, "traced": true} {
			b.Run(name+"/"+label, func(b *testing.B) {
				s := counted(b, traced)
				b.ReportAllocs()
				kinds[name](b, s)
			})
		}
	}
}

func benchSeq2(b *testing.B, s *opik.Stream[string, int]) {
	var seq iter.Seq2[string, error] = ceaseless
	for _, err := range s.Seq2(seq) {
		if err != nil || !b.Loop() {
			break
		}
	}
}

func benchChan(b *testing.B, s *opik.Stream[string, int]) {
	in := make(chan string)
	done := make(chan struct{})
	go func() {
		defer close(in)
		for {
			select {
			case in <- "word":
			case <-done:
				return
			}
		}
	}()
	out := s.Chan(in)
	for b.Loop() {
		<-out
	}
	close(done)
	for range out {
	}
}

func benchFunc(b *testing.B, s *opik.Stream[string, int]) {
	fn := s.Func(func(string) error { return nil })
	for b.Loop() {
		_ = fn("word")
	}
}

func benchNext(b *testing.B, s *opik.Stream[string, int]) {
	inner := newReader(nil, "word")
	for b.Loop() {
		inner.at = 0
		s.Next(inner.Next(), inner.Current, inner.Err)
	}
}

func benchRecv(b *testing.B, s *opik.Stream[string, int]) {
	for b.Loop() {
		_, _ = s.Recv("word", nil)
	}
}

func benchEvents(b *testing.B, s *opik.Stream[string, int]) {
	inner := newReader(nil, "word")
	events := opik.Events(s, inner, strings.Clone)
	for b.Loop() {
		inner.at = 0
		events.Next()
		events.Event()
	}
}

// benchReplay is the reading of an element's line; bare, it is the encoding and copying alone.
func benchReplay(b *testing.B, s *opik.Stream[string, int]) {
	inner := newReader(nil, "word")
	response := s.Replay(inner).Lines()
	defer func() { _ = response.Body.Close() }()
	p := make([]byte, 64)
	for b.Loop() {
		inner.at = 0
		if _, err := response.Body.Read(p); err == io.EOF {
			b.Fatal("the stream ended")
		}
	}
}
