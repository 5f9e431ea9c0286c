package load

import (
	"bytes"
	"context"
	"time"

	"golang.org/x/tools/go/packages"

	"github.com/opikgen/opikgen/generator/internal/parallel"
)

// guess is an answer of the go command that was kept from an earlier run. It is taken to hold while the go command is
// asked, which takes most of the time of a run.
type guess struct {
	query    query
	kept     []byte
	packages []*packages.Package // what the go command says now
	err      error
	took     time.Duration
	done     chan struct{} // closed when it has said so
}

// guess returns what the go command said the last time that it was asked the question, if that is kept, and asks it
// meanwhile.
func (l *loader) guess(ctx context.Context, q query) (pkgs []*packages.Package, ok bool) {
	start := time.Now()
	kept, pkgs := l.recall(q)
	if l.settled || len(pkgs) == 0 {
		return nil, false
	}
	g := &guess{query: q, kept: kept, done: make(chan struct{})}
	l.guesses = append(l.guesses, g)
	end := parallel.Beside()
	go func() {
		defer close(g.done)
		defer end()
		g.packages, g.err = l.ask(ctx, q)
		g.took = time.Since(start)
	}()
	l.logf(start, "go list%v is taken to say what it said the last time: %d packages", q.platform, len(pkgs))
	return pkgs, true
}

// settle waits for the go command and reports whether it says anything else than it was taken to say. From then on
// nothing is guessed.
func (l *loader) settle() (changed bool, err error) {
	l.settled = true
	for _, g := range l.guesses {
		<-g.done
		switch {
		case err != nil:
		case g.err != nil:
			err = g.err
		default:
			changed = l.compare(g) || changed
		}
	}
	l.guesses = nil
	return changed, err
}

// compare reports whether a guess was wrong, and keeps what is right.
func (l *loader) compare(g *guess) (wrong bool) {
	if bytes.Equal(encode(g.packages), g.kept) {
		l.say("go list%v does say so (%s)", g.query.platform, g.took.Round(time.Millisecond))
		return false
	}
	l.say("go list%v says something else now: %d packages (%s)", g.query.platform, len(g.packages), g.took.Round(time.Millisecond))
	l.keep(g.query, g.packages)
	l.listings[g.query.platform.String()] = listing{g.packages}
	return true
}
