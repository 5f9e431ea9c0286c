package interop_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opikhttp"
	opikotel "github.com/opikgen/opikgen/runtime/otel"
)

// service is a program in another language, in the folder of its name.
type service struct {
	name      string
	installed string // what make interop installs there
	command   []string
}

var services = []service{
	{"python", ".venv/bin/python", []string{".venv/bin/python", "service.py"}},
	{"typescript", "node_modules/tsx", []string{"node", "--import", "tsx", "service.ts"}},
}

// start starts the service, which sends to the capture, and returns where it listens.
func (s service) start(t *testing.T, to *capture) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(s.name, s.installed)); err != nil {
		t.Skip("run make interop, which installs the SDK: ", err)
	}
	configuration := filepath.Join(t.TempDir(), "configuration") // in place of the one of this machine
	require.NoError(t, os.WriteFile(configuration, []byte("[opik]\n"), 0o600))
	service := exec.CommandContext(t.Context(), s.command[0], s.command[1:]...)
	service.Dir = s.name
	service.Env = append(os.Environ(), "OPIK_URL_OVERRIDE="+to.URL+"/api", "OPIK_API_KEY=", "OPIK_WORKSPACE=default",
		"OPIK_PROJECT_NAME=interop", "OPIK_CONFIG_PATH="+configuration, "OPIK_TRACK_DISABLE=false", "OPIK_SENTRY_ENABLE=false")
	service.Stderr = os.Stderr
	output, err := service.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, service.Start())
	t.Cleanup(func() { _ = service.Wait() }) // the context of the test has ended it
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if address := lines.Text(); strings.HasPrefix(address, "http://127.0.0.1:") {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return address
		}
	}
	t.Fatal("the service did not say where it listens")
	return ""
}

// record makes a client that sends to the capture the default one, and returns what closes it.
func record(t *testing.T, to *capture) (end func()) {
	t.Helper()
	client, err := opik.New(opik.Options{URL: to.URL + "/api", Project: "interop", Isolated: true, Delivery: opik.Delivery{NoSpool: true}})
	require.NoError(t, err)
	previous := opik.SetDefault(client)
	return func() {
		opik.SetDefault(previous)
		require.NoError(t, client.Close(context.Background()))
	}
}

// tool is a server in Go that others call.
func tool() *httptest.Server {
	return httptest.NewServer(opikhttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, span := opik.StartSpan(r.Context(), "go tool", opik.SpanOptions{Type: opik.TypeTool})
		defer span.End()
		_, _ = io.WriteString(w, "done")
	}), opikhttp.Options{}))
}

// get asks a service to call another, and returns what it answers.
func get(ctx context.Context, t *testing.T, client *http.Client, address, next string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?next="+url.QueryEscape(next), http.NoBody)
	require.NoError(t, err)
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.StatusCode, string(body))
	return string(body)
}

// Go calls a service, which calls Go: the service takes the headers of Go, and Go those of the service.
func TestGoCallsAService(t *testing.T) {
	for _, s := range services {
		t.Run(s.name, func(t *testing.T) {
			to := newCapture(t)
			service := s.start(t, to)
			end, server := record(t, to), tool()
			client := &http.Client{Transport: opikhttp.Transport(&http.Transport{DisableKeepAlives: true}, opikhttp.Options{})}
			ctx, span := opik.StartSpan(t.Context(), "go", opik.SpanOptions{})
			assert.Equal(t, "done", get(ctx, t, client, service+"/receive", server.URL))
			span.End()
			server.Close()
			end()
			host := strings.TrimPrefix(service, "http://")
			assert.Equal(t, "trace go\n  go\n    GET "+host+"\n      "+s.name+"\n        GET\n          go tool\n", to.tree())
		})
	}
}

// A service starts a trace and calls Go.
func TestAServiceCallsGo(t *testing.T) {
	for _, s := range services {
		t.Run(s.name, func(t *testing.T) {
			to := newCapture(t)
			service := s.start(t, to)
			end, server := record(t, to), tool()
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			assert.Equal(t, "done", get(t.Context(), t, client, service+"/start", server.URL))
			server.Close()
			end()
			assert.Equal(t, "trace "+s.name+"\n  "+s.name+"\n    GET\n      go tool\n", to.tree())
		})
	}
}

// Go calls a service on the SDK of OpenTelemetry, which sends its spans by the official exporter.
func TestGoCallsAServiceOfOpenTelemetry(t *testing.T) {
	to := newCapture(t)
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(to.URL+"/api/v1/private/otel/v1/traces"))
	require.NoError(t, err)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(opikotel.SpanProcessor{}), sdktrace.WithBatcher(exporter))
	tracer := provider.Tracer("interop")
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), "otel")
		defer span.End()
		assert.True(t, opikotel.AttachToParent(span, map[string]string{
			"opik_trace_id": r.Header.Get("opik_trace_id"), "opik_parent_span_id": r.Header.Get("opik_parent_span_id"),
		}))
		_, child := tracer.Start(ctx, "otel child")
		child.End()
		_, below := opik.StartSpan(opikotel.Below(ctx), "opik below otel", opik.SpanOptions{})
		below.End()
		_, _ = io.WriteString(w, "done")
	}))
	end := record(t, to)
	client := &http.Client{Transport: opikhttp.Transport(&http.Transport{DisableKeepAlives: true}, opikhttp.Options{})}
	ctx, span := opik.StartSpan(t.Context(), "go", opik.SpanOptions{})
	assert.Equal(t, "done", get(ctx, t, client, service.URL, ""))
	_, within := tracer.Start(ctx, "otel in go")
	within.End()
	span.End()
	service.Close()
	end()
	require.NoError(t, provider.Shutdown(t.Context()))
	host := strings.TrimPrefix(service.URL, "http://")
	assert.Equal(t, "trace go\n  go\n    GET "+host+"\n      otel\n        otel child\n        opik below otel\n    otel in go\n", to.tree())
}
