// Package opik is the runtime of opikgen: it records traces of what a program asks of language models and tools, and
// sends them to Opik.
//
// Code that opikgen generates calls this package. What it does can be done by hand:
//
//	func answer(ctx context.Context, question string) (reply string, err error) {
//		ctx, span := opik.StartSpan(ctx, "answer", opik.SpanOptions{})
//		defer span.End()
//		opik.CaptureInput(span, "question", question)
//		reply, err = think(ctx, question)
//		span.Returned(err)
//		opik.CaptureOutput(span, "output", reply)
//		return reply, err
//	}
//
// A [Span] is a step of the work, a [Trace] the whole of it. Spans find the span that they are below in the context.
// A span that finds none starts a trace, which shows what that span shows.
//
// # Where to begin
//
// Beside its generated code a program needs few of the names below:
//
//   - at its end: [Close]. [New], [Options] and [SetDefault] where the environment does not say everything
//   - in a traced call, for what the wrapper cannot know: [CurrentSpan] and [CurrentTrace], [UpdateCurrentSpan] and
//     [UpdateCurrentTrace]
//   - when it turns out how good an answer was: [Span.LogFeedbackScore], [Span.LogComment] and [LogThreadFeedbackScore]
//   - to trace by hand: [StartSpan] and [StartTrace], [CaptureInput], [CaptureOutput] and [CaptureMetadata], and for a
//     call of a model [CaptureModel], [Span.SetProvider] and [CaptureUsage]
//   - between processes: [Inject] and [Extract], [Headers] and [ExtractMap]
//   - where several projects or clients are in one program: [WithProject] and [WithClient]
//
// # Where traces go
//
// [New] makes a [Client] from [Options], the environment and ~/.opik.config; the functions of this package use the
// default client, which is made from the environment on first use. With OPIK_SINK=console traces are written to
// standard error as trees, without an Opik. Where nothing is configured nothing is recorded, and a generated wrapper makes
// only the call, see [Off].
//
// # Before the program ends
//
// Rows that wait in memory are lost with the process, so programs close the client. It is theirs to do so on a
// signal, and to tell what [Close] returns, which is what did not arrive:
//
//	func run(ctx context.Context) (err error) {
//		ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
//		defer stop()
//		defer func() { err = errors.Join(err, opik.Close(context.WithoutCancel(ctx))) }()
//
// A program that does not fail for its traces logs it instead, as the example of [New] does.
//
// # A guest in the program
//
// Recording returns no errors, never waits for the network, and never panics. It does not look at whether a context
// is cancelled: what happens after the cancellation is worth knowing, too. Memory is bounded; what does not fit or
// cannot be delivered is dropped and counted, see [Client.Stats], and [Client.Flush] and [Client.Close] report it.
//
// Values are encoded when they are captured, on the goroutine of the caller, who may change them afterwards. Methods
// like MarshalJSON of their types run there. A value that has no JSON form, is gigantic, or panics costs itself, and
// a note stands in its place. Struct fields tagged `opik:"-"` are left out, those tagged `opik:"redact"` are blanked,
// and [Options].Mask sees all the rest. Functions, channels, readers and the headers and cookies of requests in the fields
// of structs are never recorded. A value with a method RawJSON() string is recorded as what that returns.
//
// # Streams
//
// A [Stream] follows what a call hands out after it returned: a sequence, a channel, the calls of a callback, a body, or
// a stream with methods of its own. The span stays open until the stream ends, and then has what the elements add up
// to. Readers see the same elements and errors at the same time.
//
// # Across processes
//
// A trace may go through several processes, also of other languages. [Inject] puts where a call is into the headers of a
// request, [Headers] into anything else that carries strings; [Extract] and [ExtractMap] take it out on the other side.
// [StartIncoming] and [StartOutgoing] do the same while they start the span of a request. What a later process learns
// about a span it writes by [Client.UpdateSpan]. Where the span was recorded it can also be scored, commented on and
// given files, by [Span.LogFeedbackScore], [Span.LogComment] and [Span.LogAttachment].
//
// Package opikhttp does that for servers and clients of net/http, package opikgrpc for gRPC, and package opikotel for
// programs that have spans of OpenTelemetry, too. Whatever carries strings carries a trace: a queue, say, in the
// attributes of its messages.
//
// # Names for generated code
//
// Most of the others are what generated code is made of: one for each form that streams, callbacks, options and requests
// have in the SDKs of providers, and a few for the expressions of directives and presets, such as [JSON]. Their comments
// say so, and there is no need to read them to use opikgen. [Generation1] holds them to the opikgen that wrote the calls.
package opik
