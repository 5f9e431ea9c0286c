package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(delay) //nolint:forbidigo // the delay is what this server is for
		if strings.HasSuffix(r.URL.Path, "/v1/traces") {
			w.Header().Set("Content-Type", "application/x-protobuf")
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
}

// startSink runs this binary as a sink, so that its CPU time is not counted as the tracer's.
func startSink(delay time.Duration) (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	command := exec.Command(self)
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
