package load

import (
	"context"
	"reflect"
	"time"

	"golang.org/x/tools/go/packages"
)

// guess is an answer of the go command that was kept from an earlier run. It is taken to hold while the go command is
// asked, which takes most of the time of a run.
//
// Half of that time the go command takes to find out whether the export data in the build cache is up to date. It is not
// asked to where that follows from the rest of its answer.
type guess struct {
	query    query // that was put; part of the one that is answered
	kept     answer
	packages []*packages.Package // what the go command says now
	err      error
	took     time.Duration
	done     chan struct{} // closed when it has said so
}

// guess returns what the go command said the last time that it was asked the question, if that is kept, and asks it
// meanwhile.
func (l *loader) guess(ctx context.Context, q query) (pkgs []*packages.Package, ok bool) {
	if l.settled {
		return nil, false
	}
	start := time.Now()
	kept := l.recall(q)
	if pkgs = kept.packages(); len(pkgs) == 0 {
		return nil, false
	}
	if kept.isComplete() {
		q.mode &^= packages.NeedExportFile
	}
	g := &guess{query: q, kept: kept, done: make(chan struct{})}
	l.guesses = append(l.guesses, g)
	go func() {
		defer close(g.done)
		g.packages, g.err = l.ask(ctx, q)
		g.took = time.Since(start)
	}()
	l.logf(start, "go list%v is taken to say what it said the last time: %d packages", q.platform, len(pkgs))
	return pkgs, true
}

// settle waits for the go command and reports whether it says anything else than it was taken to say. From then on
// nothing is guessed.
func (l *loader) settle(ctx context.Context) (changed bool, err error) {
	l.settled = true
	for _, g := range l.guesses {
		<-g.done
		if err == nil {
			err = l.askRest(ctx, g)
		}
		changed = err == nil && l.compare(g) || changed
	}
	l.guesses = nil
	return changed, err
}

// askRest asks the go command where export data is, if it was not asked before and that does not follow from what it says.
func (l *loader) askRest(ctx context.Context, g *guess) error {
	if g.err != nil || g.query.mode == metadata || !l.doubted && g.kept.complete(g.packages) {
		return g.err
	}
	start := time.Now()
	g.query.mode = metadata
	g.packages, g.err = l.ask(ctx, g.query)
	g.took += time.Since(start)
	return g.err
}

// compare reports whether a guess was wrong, and keeps what is right.
func (l *loader) compare(g *guess) (wrong bool) {
	took := g.took.Round(time.Millisecond)
	if reflect.DeepEqual(newAnswer(g.packages), g.kept) {
		l.say("go list%v does say so (%s)", g.query.platform, took)
		return false
	}
	l.say("go list%v says something else now: %d packages (%s)", g.query.platform, len(g.packages), took)
	l.keep(g.query, g.packages)
	l.listings[g.query.String()] = listing{g.packages}
	return true
}
