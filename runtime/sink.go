package opik

import (
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/opikgen/opikgen/runtime/internal/batch"
	"github.com/opikgen/opikgen/runtime/internal/config"
	"github.com/opikgen/opikgen/runtime/internal/console"
	"github.com/opikgen/opikgen/runtime/internal/file"
	"github.com/opikgen/opikgen/runtime/internal/queue"
	"github.com/opikgen/opikgen/runtime/internal/spool"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

// Bounds of a request to Opik. Its server takes 1000 rows, and Comet's cloud 256 MiB of JSON or 50 MiB compressed.
const (
	maxRequestRows  = 1000
	maxRequestBytes = 32 << 20
)

// sink is a place that rows go to and how it likes them.
type sink struct {
	queue.Sink
	limits  batch.Limits
	senders int
	spool   *spool.Spool
	close   func() error
}

// openSink opens the sink that the settings name. It is closed once, however often the client is.
func openSink(s config.Settings, o Options) (sink, error) {
	opened, err := openNamed(s, o)
	if err == nil {
		opened.close = sync.OnceValue(opened.close)
	}
	return opened, err
}

func openNamed(s config.Settings, o Options) (sink, error) {
	if o.Export != nil {
		return openExport(o), nil
	}
	if name, ok := strings.CutPrefix(s.Sink, "file:"); ok {
		f, err := file.Open(name)
		if err != nil {
			return sink{}, err
		}
		return sink{Sink: f, close: f.Close}, nil
	}
	if s.Sink == "console" {
		c := console.New(os.Stderr, console.Colored(os.Stderr))
		return sink{Sink: c, close: c.Close}, nil
	}
	return openOpik(s, o.HTTPClient, o.Delivery)
}

// openOpik prepares the way to a server. It makes no request.
func openOpik(s config.Settings, client *http.Client, d Delivery) (sink, error) {
	w, err := wire.New(wire.Config{
		URL:           s.URL,
		APIKey:        s.APIKey,
		Workspace:     s.Workspace,
		Version:       version(),
		HTTP:          client,
		NoCompression: s.Uncompressed,
	})
	if err != nil {
		return sink{}, err
	}
	return sink{
		Sink:    w,
		limits:  batch.Limits{Rows: maxRequestRows, Bytes: maxRequestBytes},
		senders: 2,
		spool:   openSpool(s, d),
		close:   func() error { w.Close(); return nil },
	}, nil
}

// openSpool returns where rows wait for a server that is away, or nil if there is no place for them.
func openSpool(s config.Settings, d Delivery) *spool.Spool {
	dir := d.SpoolDir
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil
		}
		dir = filepath.Join(cache, "opik", "spool")
	}
	if d.NoSpool {
		return nil
	}
	return spool.New(spool.Config{Dir: dir, Destination: s.URL + " " + s.Workspace, MaxBytes: d.SpoolBytes})
}

// queueConfig returns the configuration of the queue before the sink.
func (s sink) queueConfig(d Delivery, log *slog.Logger) queue.Config {
	return queue.Config{
		Sink:       untracedSink{s.Sink},
		Limits:     s.limits,
		Senders:    s.senders,
		MaxRows:    d.QueueRows,
		MaxBytes:   d.QueueBytes,
		BatchRows:  d.BatchRows,
		BatchBytes: d.BatchBytes,
		Interval:   d.Interval,
		Block:      d.Block,
		Spool:      s.spool,
		Logger:     log,
	}
}

// version returns the version of this module in the program that uses it.
func version() string {
	module := path.Dir(packagePath)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module && m.Version != "" {
			return m.Version
		}
	}
	return "devel"
}
