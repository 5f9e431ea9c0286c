// Command bench floods an opik-local of its own with spans of two clients, checks that none is lost or doubled, and
// prints how long that and reading took, as a table in Markdown.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/local/internal/api"
	"github.com/opikgen/opikgen/local/internal/page"
	"github.com/opikgen/opikgen/local/internal/store"
)

const (
	clients   = 2
	batchSize = 500
	perTrace  = 10
	again     = 10 // every so many batches one is sent twice, as a client does that got no answer
)

func main() {
	spans := flag.Int("spans", 100_000, "send `N` spans")
	flag.Parse()
	if err := run(context.Background(), bench{out: os.Stdout, spans: *spans, large: 5000, reads: 30}); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	url   string
	out   io.Writer
	spans int // altogether
	large int // spans of one trace
	reads int // of each kind
}

// run measures and prints.
func run(ctx context.Context, b bench) (err error) {
	folder, err := os.MkdirTemp("", "opik-local")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "opik.db")
	db, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	server := httptest.NewServer(api.New(db, page.New(db), api.Options{Logger: slog.Default()}))
	defer server.Close()
	b.url = server.URL
	fmt.Fprintf(b.out, "| what | figure |\n|---|---|\n")
	if err := b.ingest(ctx); err != nil {
		return err
	}
	return b.read(ctx, file)
}

// ingest sends the spans by all clients at once.
func (b bench) ingest(ctx context.Context) error {
	start := time.Now()
	errs := make(chan error, clients)
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() { errs <- b.client(ctx, b.spans/clients) })
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	took := time.Since(start)
	fmt.Fprintf(b.out, "| %d spans and %d traces of %d clients at once | %.1f s, %.0f spans a second |\n",
		b.spans, b.spans/perTrace, clients, took.Seconds(), float64(b.spans)/took.Seconds())
	return b.sendTraces(ctx, "large", b.large, b.large)
}

// client sends its share.
func (b bench) client(ctx context.Context, spans int) error {
	for sent := 0; sent < spans; sent += batchSize {
		count := min(batchSize, spans-sent)
		if err := b.sendTraces(ctx, "bench", count, perTrace); err != nil {
			return err
		}
	}
	return nil
}

type object = map[string]any

// sendTraces sends as many spans in traces of a size, and now and then a batch twice.
func (b bench) sendTraces(ctx context.Context, project string, spans, size int) error {
	now := time.Now().UTC()
	var traces, rows []object
	for i := range spans {
		if i%size == 0 {
			traces = append(traces, object{"id": newID(), "project_name": project, "name": "answer", "start_time": now, "end_time": now.Add(time.Second),
				"input": object{"question": "What do three nights in Porto cost for two, city tax included?"}, "output": object{"reply": "300 euros"}, "thread_id": newID()})
		}
		rows = append(rows, object{"id": newID(), "trace_id": traces[len(traces)-1]["id"], "project_name": project, "name": "complete", "type": "llm",
			"start_time": now.Add(time.Duration(i) * time.Microsecond), "end_time": now.Add(time.Duration(i)*time.Microsecond + time.Millisecond),
			"model": "gpt-4o-mini", "provider": "openai", "usage": object{"prompt_tokens": 76, "completion_tokens": 7, "total_tokens": 83},
			"input":  object{"messages": []object{{"role": "system", "content": "You are a travel agent. Calculate with the calculator."}, {"role": "user", "content": "What do three nights in Porto cost for two?"}}},
			"output": object{"choices": []object{{"message": object{"role": "assistant", "content": "Three nights in Porto cost 300 euros for two."}}}}})
	}
	if err := b.post(ctx, "/traces/batch", object{"traces": traces}); err != nil {
		return err
	}
	for batch := range slices.Chunk(rows, batchSize) {
		times := 1
		if len(batch) > 0 && uuid.MustParse(batch[0]["id"].(string))[15]%again == 0 {
			times = 2
		}
		for range times {
			if err := b.post(ctx, "/spans/batch", object{"spans": batch}); err != nil {
				return err
			}
		}
	}
	return nil
}

// newID mints an id.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// post sends a document.
func (b bench) post(ctx context.Context, path string, document object) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+"/v1/private"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		text, _ := io.ReadAll(response.Body) // the status is the news
		return fmt.Errorf("%s answered %s: %s", path, response.Status, text)
	}
	return nil
}

// get reads a document, several times, and returns the median and the longest time.
func (b bench) get(ctx context.Context, path string, document any) (median, longest time.Duration, err error) {
	var times []time.Duration
	for range b.reads {
		start := time.Now()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+path, nil)
		if err != nil {
			return 0, 0, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, 0, err
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // it was read to its end
		if err != nil {
			return 0, 0, err
		}
		times = append(times, time.Since(start))
		if err := json.Unmarshal(text, document); err != nil {
			return 0, 0, fmt.Errorf("%s: %w: %.200s", path, err, text)
		}
	}
	slices.Sort(times)
	return times[b.reads/2], times[b.reads-1], nil
}

// listed is what the lists have in common.
type listed struct {
	Total   int
	Content []struct{ ID, Name string }
	Spans   []object
	Traces  []object
}

// read checks how many rows there are and measures what the page reads.
func (b bench) read(ctx context.Context, file string) error {
	var projects, count listed
	if _, _, err := b.get(ctx, "/v1/private/projects", &projects); err != nil {
		return err
	}
	if _, _, err := b.get(ctx, "/v1/private/spans?project_name=bench&size=1", &count); err != nil {
		return err
	}
	if count.Total != b.spans {
		return fmt.Errorf("%d spans were sent and %d are there", b.spans, count.Total)
	}
	fmt.Fprintf(b.out, "| lost or doubled | none of %d |\n", count.Total)
	ids := map[string]string{}
	for _, project := range projects.Content {
		ids[project.Name] = project.ID
	}
	var trace listed
	if _, _, err := b.get(ctx, "/local/traces?size=1&project_id="+ids["large"], &trace); err != nil {
		return err
	}
	list := "/local/traces?size=50&project_id=" + ids["bench"]
	for _, read := range []struct{ what, path string }{
		{"first page of the list", list},
		{"first page, sorted by start as the page does", list + `&sorting=[{%22field%22:%22start_time%22,%22direction%22:%22DESC%22}]`},
		{"first page, sorted by tokens", list + `&sorting=[{%22field%22:%22usage.total_tokens%22,%22direction%22:%22DESC%22}]`},
		{"full text that every trace holds", list + "&search=porto"},
		{"first page of Opik's own list", "/v1/private/traces?size=50&project_name=bench"},
		{fmt.Sprintf("outline of a trace of %d spans", b.large), "/local/traces/" + trace.Traces[0]["id"].(string)},
		{"charts", "/local/chart?project_id=" + ids["bench"]},
	} {
		var ignored any
		median, longest, err := b.get(ctx, read.path, &ignored)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "| %s | %.1f ms, at most %.1f ms |\n", read.what, median.Seconds()*1e3, longest.Seconds()*1e3)
	}
	return b.sizes(file)
}

// sizes prints what it took.
func (b bench) sizes(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	fmt.Fprintf(b.out, "| database | %d MB |\n| memory of the process, clients included | %d MB |\n", info.Size()>>20, memory.Sys>>20)
	return nil
}
