package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// The environment variable that makes the test binary a sink, and its value's meaning: how long a request takes.
const sinkVariable = "OPIKGEN_BENCH_SINK"

// serveSink answers every request on a loopback port with 204 after the delay, and prints its URL. It ends with its
// standard input, so with its parent.
func serveSink(wait string) error {
	delay, err := time.ParseDuration(wait)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		discard(r.Body)
		time.Sleep(delay) //nolint:forbidigo // the delay is what this server is for
		if strings.HasSuffix(r.URL.Path, "/v1/traces") {
			w.Header().Set("Content-Type", "application/x-protobuf")
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
}

// page is how much the sink reads at a time: far more than io.Discard does, whose system calls would take a good part
// of the machine from those who are measured.
const page = 256 << 10

var pages = sync.Pool{New: func() any { return new([page]byte) }}

// discard reads a body to its end.
func discard(body io.Reader) {
	buffer := pages.Get().(*[page]byte)
	defer pages.Put(buffer)
	for {
		if _, err := body.Read(buffer[:]); err != nil {
			return
		}
	}
}

// startSink runs this binary as a sink, so that its CPU time is not counted as the tracer's.
func startSink(delay time.Duration) (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	command := exec.Command(self) //nolint:noctx // it ends with its standard input
	command.Stderr = os.Stderr
	command.Env = append(os.Environ(), sinkVariable+"="+delay.String())
	stdin, err := command.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	stop = func() {
		_ = stdin.Close()
		_ = command.Wait()
	}
	return strings.TrimSpace(line), stop, err
}
