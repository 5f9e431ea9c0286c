package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/opikgen/opikgen/runtime/opikhttp"
)

// serve prints where it listens and answers until the input ends.
func serve(out io.Writer, input io.Reader) error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /weather/{city}", answer)
	// All that tracing asks of the server: a handler that finds out where the caller is.
	server := &http.Server{Handler: opikhttp.Handler(mux, opikhttp.Options{}), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	_, _ = io.Copy(io.Discard, input)
	err = server.Shutdown(context.Background())
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// answer answers one request.
func answer(w http.ResponseWriter, r *http.Request) {
	celsius, err := forecastTracked(r.Context(), r.PathValue("city"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(weather{City: r.PathValue("city"), Celsius: celsius})
}

// forecast looks a city up.
//
//opik:track type=tool
func forecast(_ context.Context, city string) (celsius int, err error) {
	celsius, ok := map[string]int{"Porto": 24, "Bergen": 11, "Quito": 19}[city]
	if !ok {
		return 0, fmt.Errorf("nothing is known of %q", city)
	}
	return celsius, nil
}
