package opik

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/config"
)

// Options configure a [Client]. The zero value works: what is not set comes from the environment variables of Opik's
// Python SDK (named below), then from the file that OPIK_CONFIG_PATH names or ~/.opik.config, then from the default.
// With no URL, API key, sink or Export from anywhere, the client records nothing and costs nothing.
type Options struct {
	URL         string // of Opik's API, like http://localhost:5173/api; OPIK_URL_OVERRIDE; the default is Comet's cloud
	APIKey      string // OPIK_API_KEY; it is never logged
	Workspace   string // OPIK_WORKSPACE; "default"
	Project     string // that traces go to; OPIK_PROJECT_NAME; "Default Project"
	Environment string // of the deployment, like "staging"; OPIK_ENVIRONMENT

	// Sink says where rows go: "opik" for the URL, "console" for trees on standard error, "file:PATH" for lines of
	// JSON in a file; OPIK_SINK.
	Sink string

	HTTPClient *http.Client // makes the requests to Opik; a client of our own
	Logger     *slog.Logger // hears of changes of state, never of single spans; slog.Default()
	Disabled   bool         // record nothing; OPIK_TRACK_DISABLE

	// Isolated leaves out the environment and the configuration file: what is not set here has its default.
	Isolated bool

	// Mask, if set, sees every captured value before it is kept, and returns what to keep in its place: JSON, or nil
	// to leave the value out. The field is named like "input.question", "output.output", "metadata.tier", or
	// "error.message" and "error.traceback", which are JSON strings. Mask is called on the caller's goroutine, from
	// many at a time, and must not keep v. A Mask that panics costs the value.
	Mask func(field string, v []byte) []byte

	// MaxValueBytes is the size beyond which a captured value is cut; 10 MiB.
	MaxValueBytes int

	// AttachmentBytes is how many characters base64 in a captured value must have to be sent as an attachment, with its
	// name in place of it in the value; 256,000, below zero none are; OPIK_MIN_BASE64_EMBEDDED_ATTACHMENT_SIZE and
	// OPIK_IS_ATTACHMENT_EXTRACTION_ACTIVE=false. Only base64 of a known type of file counts, or after data:TYPE;base64,
	// and none that was cut because of MaxValueBytes. The trace that shows a span shows the names, not the files.
	AttachmentBytes int

	// FlushTimeout bounds the wait of a span with SpanOptions.Flush, and of Flush and Close if their context has no
	// deadline; OPIK_DEFAULT_FLUSH_TIMEOUT in seconds; 10 s.
	FlushTimeout time.Duration

	// SendOnStart also sends a trace and a span when it starts, so that it can be seen while it runs; a start that
	// is still queued when the end comes is not sent; OPIK_LOG_START_TRACE_SPAN.
	SendOnStart bool

	// SampleRate is the share of traces that are recorded, each whole or not at all: 0.1 is one in ten. 0 records all;
	// Disabled records none. SampleRule, if set, gives the rate for each trace that starts, from 0 to 1.
	SampleRate float64
	SampleRule func(TraceStart) float64

	// Baggage makes Inject write where a call is into the header baggage, too, for proxies that drop headers with an
	// underscore in their names. It is always read. What passes baggage on carries
	// the ids further than the callee.
	Baggage bool

	// SpanStarted, if set, is called with every span that starts and the context that it starts in, on the goroutine
	// of the caller. It may add to the span: the OpenTelemetry bridge links it to the span of OpenTelemetry that it runs
	// in. A SpanStarted that panics is ignored.
	SpanStarted func(ctx context.Context, s *Span)

	// Export, if set, takes finished traces and spans in place of Opik and Sink, see [Finished]. Calls come one at a
	// time. What an error leaves behind is exported again later, until Close has no time left.
	Export func(ctx context.Context, rows []Finished) error

	// Delivery tunes batches, bounds and what happens to rows that cannot be delivered.
	Delivery Delivery
}

// Delivery tunes how rows leave the process. A row is a trace or a span, which is sent once, when it ends, or a score, an
// update, a comment or an attachment.
type Delivery struct {
	Interval   time.Duration // after which rows are sent, however few; 1 s
	BatchRows  int           // that are sent without waiting; 1000. 1 switches batching off
	BatchBytes int           // that are sent without waiting; 4 MiB

	QueueRows  int // that are held at most; 100,000
	QueueBytes int // that are held at most; 24 MiB

	// Block makes the end of a span wait for room in a full queue, until the span's context ends, where otherwise
	// the row is dropped and counted: for batch jobs that lose nothing and may wait.
	Block bool

	// Rows that cannot be delivered, and those that are left when Close runs out of time, wait on disk for the server
	// or the next process. NoSpool drops them instead.
	SpoolDir   string // opik/spool in os.UserCacheDir
	SpoolBytes int64  // 256 MiB; the oldest rows make room for the newest
	NoSpool    bool

	// Uncompressed sends without gzip; OPIK_ENABLE_JSON_REQUEST_COMPRESSION=false.
	Uncompressed bool
}

const defaultMaxValueBytes = 10 << 20

// environment returns where to look for what the options do not say.
func (o Options) environment() config.Environment {
	if o.Isolated {
		return config.Nowhere()
	}
	return config.System()
}

// settings returns what the options say about where traces go.
func (o Options) settings() config.Settings {
	return config.Settings{
		URL:          o.URL,
		APIKey:       o.APIKey,
		Workspace:    o.Workspace,
		Project:      o.Project,
		Environment:  o.Environment,
		Sink:         o.Sink,
		Exported:     o.Export != nil,
		Disabled:     o.Disabled,
		FlushTimeout: o.FlushTimeout,
		SendOnStart:  o.SendOnStart,
		Uncompressed: o.Delivery.Uncompressed,

		AttachmentBytes: o.AttachmentBytes,
	}
}
