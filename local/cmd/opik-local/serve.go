package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/opikgen/opikgen/local/internal/api"
	"github.com/opikgen/opikgen/local/internal/page"
	"github.com/opikgen/opikgen/local/internal/store"
)

const (
	defaultAddress = "127.0.0.1:5173"
	trimEvery      = 10 * time.Minute
	endWithin      = 5 * time.Second
)

// serving is what the flags of serve and run say.
type serving struct {
	addr, key, file string
	limits          store.Limits
	program         []string // to run against the server
}

// serve runs the server until it is interrupted.
func serve(ctx context.Context, args []string, t terminal) error {
	set, s := servingFlags("serve", t)
	if err := parse(set, args, 0); err != nil {
		return err
	}
	return s.start(ctx, t)
}

// runProgram runs the server, and a program whose traces it gets.
func runProgram(ctx context.Context, args []string, t terminal) error {
	set, s := servingFlags("run", t)
	if err := parse(set, args, len(args)); err != nil {
		return err
	}
	if s.program = set.Args(); len(s.program) == 0 {
		return fmt.Errorf("run which program? %w", errUsage)
	}
	return s.start(ctx, t)
}

// servingFlags are the flags of a command that serves. Parsing them fills what is returned.
func servingFlags(name string, t terminal) (*flag.FlagSet, *serving) {
	s := &serving{}
	set := flags(name, t, &s.file)
	set.StringVar(&s.addr, "addr", defaultAddress, "listen at `HOST:PORT`; beyond this machine only with -key; port 0 takes a free one")
	set.StringVar(&s.key, "key", os.Getenv("OPIK_LOCAL_KEY"), "let in only clients that send `KEY`, which SDKs take from OPIK_API_KEY")
	set.DurationVar(&s.limits.Age, "max-age", 30*24*time.Hour, "remove traces that were last written longer ago; 0 keeps them")
	set.Func("max-size", "remove the oldest traces while the database is larger than this many `MB`; 0 keeps them (default 2048)", func(text string) error {
		size, err := strconv.ParseInt(text, 10, 32)
		s.limits.Size = size << 20
		return err
	})
	s.limits.Size = 2048 << 20
	return set, s
}

// start opens the database and serves it.
func (s *serving) start(ctx context.Context, t terminal) error {
	if err := s.check(); err != nil {
		return err
	}
	db, err := store.Open(ctx, s.file)
	if err != nil {
		return err
	}
	return errors.Join(s.serve(ctx, db, t), db.Close())
}

// check refuses to be reachable from other machines without a key.
func (s *serving) check() error {
	host, _, err := net.SplitHostPort(s.addr)
	if err != nil {
		return fmt.Errorf("-addr %s: %w: %w", s.addr, err, errUsage)
	}
	address, err := netip.ParseAddr(host)
	loopback := host == "localhost" || err == nil && address.IsLoopback()
	if !loopback && s.key == "" {
		return fmt.Errorf("-addr %s can be reached from other machines: give a -key, or listen at 127.0.0.1: %w", s.addr, errUsage)
	}
	return nil
}

// serve listens and answers.
func (s *serving) serve(ctx context.Context, db *store.Store, t terminal) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listening at %s: %w; another -addr may be free", s.addr, err)
	}
	log := slog.New(slog.NewTextHandler(t.err, nil))
	server := &http.Server{
		Handler:           api.New(db, page.New(db), api.Options{Key: s.key, Hosts: s.hosts(), Logger: log}),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	server.RegisterOnShutdown(db.Changes.Close) // streams of events would go on
	base := "http://" + s.public(listener.Addr())
	s.announce(base, t)
	served, ran := make(chan error, 1), make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	work, end := context.WithCancel(ctx)
	var beside sync.WaitGroup
	defer func() { end(); beside.Wait() }()
	beside.Go(func() { s.trim(work, db, log) })
	beside.Go(func() { ran <- s.runBeside(work, db, base, t) })
	return errors.Join(s.wait(ctx, served, ran), shutDown(ctx, server))
}

// wait returns when the server fails, when the program beside it does, or when both are interrupted. Then the program
// comes first: it may still send what it traced.
func (s *serving) wait(ctx context.Context, served, ran <-chan error) error {
	for {
		select {
		case err := <-served:
			return err
		case err := <-ran:
			if err != nil || ctx.Err() != nil {
				return err
			}
			ran = nil // it ended well, and its traces are there to be looked at
		case <-ctx.Done():
			if ran == nil {
				return nil
			}
			return <-ran
		}
	}
}

// shutDown ends a server after the requests that it is answering, or without those that do not come to an end.
func shutDown(ctx context.Context, server *http.Server) error {
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer stop()
	if server.Shutdown(last) != nil {
		return server.Close()
	}
	return nil
}

// runBeside runs the program, if there is one, and prints where its traces are. A program that fails ends the server, too.
func (s *serving) runBeside(ctx context.Context, db *store.Store, base string, t terminal) error {
	if len(s.program) == 0 {
		return nil
	}
	began := store.TimeOf(time.Now())
	program := exec.CommandContext(ctx, s.program[0], s.program[1:]...)
	program.Env = append(os.Environ(), "OPIK_URL_OVERRIDE="+base+"/api")
	if s.key != "" {
		program.Env = append(program.Env, "OPIK_API_KEY="+s.key)
	}
	program.Stdin, program.Stdout, program.Stderr = t.in, t.out, t.err
	program.Cancel = func() error { return nil }              // the terminal's Ctrl-C reached it, too
	program.WaitDelay = endWithin                             // for it to send its last traces
	if err := program.Run(); err != nil && ctx.Err() == nil { // or it was interrupted together with the server
		return fmt.Errorf("running %s: %w", s.program[0], err)
	}
	ends, err := db.Finished(context.WithoutCancel(ctx), began, store.TimeOf(time.Now()))
	if err != nil {
		return err
	}
	for _, end := range ends[max(0, len(ends)-10):] {
		fmt.Fprintf(t.out, "\nits trace: %s/#/trace/%s\n", base, end.ID)
	}
	return nil
}

// hosts are the names under which other machines call this one.
func (s *serving) hosts() []string {
	if s.key == "" {
		return nil
	}
	host, _, _ := net.SplitHostPort(s.addr) // it was checked
	name, _ := os.Hostname()                // without one, addresses remain
	return []string{strings.ToLower(host), strings.ToLower(name), strings.ToLower(name) + ".local"}
}

// announce prints what to copy.
func (s *serving) announce(base string, t terminal) {
	query := ""
	if s.key != "" {
		query = "?" + url.Values{"key": {s.key}}.Encode()
	}
	fmt.Fprintf(t.out, "opik-local shows traces at\n\n    %s/%s\n\nand takes them from programs that run with\n\n    export OPIK_URL_OVERRIDE=%s/api\n", base, query, base)
	if s.key != "" {
		fmt.Fprintf(t.out, "    export OPIK_API_KEY=%s\n", s.key)
	}
	fmt.Fprintf(t.out, "\nThey are kept in %s. Ctrl-C ends it.\n", s.file)
}

// public is the address to call: one that listens everywhere is called by the machine's name.
func (s *serving) public(addr net.Addr) string {
	host, port, _ := net.SplitHostPort(addr.String()) // a listener's address has a port
	if address, err := netip.ParseAddr(host); err == nil && address.IsUnspecified() {
		name, _ := os.Hostname()
		host = cmp.Or(name, host)
	}
	return net.JoinHostPort(host, port)
}

// trim keeps the database within its limits.
func (s *serving) trim(ctx context.Context, db *store.Store, log *slog.Logger) {
	ticker := time.NewTicker(trimEvery)
	defer ticker.Stop()
	for {
		removed, err := db.Trim(ctx, s.limits)
		if err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "removing old traces failed", "error", err)
		}
		if removed > 0 {
			log.InfoContext(ctx, "removed old traces", "count", removed)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
