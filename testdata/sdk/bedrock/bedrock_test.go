package bedrock_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go/auth/bearer"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/bedrock"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type client interface {
	Converse(ctx context.Context, params *bedrockruntime.ConverseInput, optFns ...func(*bedrockruntime.Options)) (*bedrockruntime.ConverseOutput, error)
	ConverseStream(ctx context.Context, params *bedrockruntime.ConverseStreamInput, optFns ...func(*bedrockruntime.Options)) (*bedrockruntime.ConverseStreamOutput, error)
	InvokeModel(ctx context.Context, params *bedrockruntime.InvokeModelInput, optFns ...func(*bedrockruntime.Options)) (*bedrockruntime.InvokeModelOutput, error)
	InvokeModelWithResponseStream(ctx context.Context, params *bedrockruntime.InvokeModelWithResponseStreamInput, optFns ...func(*bedrockruntime.Options)) (*bedrockruntime.InvokeModelWithResponseStreamOutput, error)
}

var sdk = loopback.SDK[client]{
	Client: func(url string) client { return newClient(url) },
	Track:  func(plain client) client { return wrapped.TrackClient(plain.(*bedrockruntime.Client)) },
}

func newClient(url string) *bedrockruntime.Client {
	return bedrockruntime.New(bedrockruntime.Options{
		BaseEndpoint: &url, Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: loopback.Key, SecretAccessKey: loopback.Key}, nil
		}),
	})
}

const modelID = "us.anthropic.claude-sonnet-4-20250514-v1:0"

var system = []types.SystemContentBlock{&types.SystemContentBlockMemberText{Value: "Be brief."}}

// messages have blocks of all kinds that a program sends.
func messages() []types.Message {
	return []types.Message{{
		Role: types.ConversationRoleUser,
		Content: []types.ContentBlock{
			&types.ContentBlockMemberText{Value: "Where is Lisbon?"},
			&types.ContentBlockMemberImage{Value: types.ImageBlock{Format: "png", Source: &types.ImageSourceMemberBytes{Value: []byte("\x89PNG\r\n\x1a\n")}}},
		},
	}, {
		Role: types.ConversationRoleAssistant,
		Content: []types.ContentBlock{&types.ContentBlockMemberToolUse{Value: types.ToolUseBlock{
			ToolUseId: aws.String("t0"), Name: aws.String("weather"), Input: document.NewLazyDocument(map[string]any{"city": "Lisbon"}),
		}}},
	}, {
		Role: types.ConversationRoleUser,
		Content: []types.ContentBlock{&types.ContentBlockMemberToolResult{Value: types.ToolResultBlock{
			ToolUseId: aws.String("t0"), Content: []types.ToolResultContentBlock{&types.ToolResultContentBlockMemberText{Value: "sunny"}},
		}}},
	}}
}

var tools = &types.ToolConfiguration{Tools: []types.Tool{&types.ToolMemberToolSpec{Value: types.ToolSpecification{
	Name: aws.String("weather"), InputSchema: &types.ToolInputSchemaMemberJson{Value: document.NewLazyDocument(map[string]any{"type": "object"})},
}}}}

const input = `{
	"messages":[
		{"role":"user","content":[{"text":"Where is Lisbon?"},{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}}]},
		{"role":"assistant","content":[{"toolUse":{"toolUseId":"t0","name":"weather","input":{"city":"Lisbon"}}}]},
		{"role":"user","content":[{"toolResult":{"toolUseId":"t0","content":[{"text":"sunny"}]}}]}
	],
	"system":[{"text":"Be brief."}],
	"toolConfig":{"tools":[{"toolSpec":{"name":"weather","inputSchema":{"json":{"type":"object"}}}}]}
}`

const answer = `{"message":{"role":"assistant","content":[
	{"reasoningContent":{"reasoningText":{"text":"Hmm","signature":"abc"}}},
	{"text":"In Portugal."},
	{"toolUse":{"toolUseId":"t1","name":"weather","input":{"city":"Lisbon","days":2}}}
]}}`

const usage = `{"inputTokens":9,"outputTokens":5,"totalTokens":21,"cacheReadInputTokens":7,"cacheWriteInputTokens":0}`

var converseWant = loopback.Want{
	Name: "Client.Converse", Model: modelID, Provider: "bedrock", Tags: []string{"bedrock"},
	Input: input, Output: `{"output":` + answer + `}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14,
		"original_usage.inputTokens": 9, "original_usage.outputTokens": 5, "original_usage.totalTokens": 21,
		"original_usage.cacheReadInputTokens": 7, "original_usage.cacheWriteInputTokens": 0,
	},
	Metadata: map[string]any{
		"created_from": "bedrock", "stopReason": "tool_use", "metrics": map[string]any{"latencyMs": 12}, "modelId": modelID,
		"inferenceConfig": map[string]any{"maxTokens": 100, "temperature": 0.5}, "messages": nil, "outputConfig": nil, "resultMetadata": nil,
	},
}

var throttled = loopback.Answer{Status: 400, Type: "application/x-amz-json-1.1", Body: `{"__type":"ValidationException","message":"no such model"}`}

func failed(want loopback.Want) loopback.Want {
	return want.With(func(w *loopback.Want) {
		w.Error, w.Output, w.Usage, w.Metadata = "*smithy.OperationError", "", nil, map[string]any{"stopReason": nil, "metrics": nil}
	})
}

func TestConverse(t *testing.T) {
	call := func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		out, err := c.Converse(ctx, &bedrockruntime.ConverseInput{
			ModelId: aws.String(modelID), Messages: messages(), System: system, ToolConfig: tools,
			InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(100), Temperature: aws.Float32(0.5)},
		})
		if out != nil {
			out.ResultMetadata = middleware.Metadata{} // has the time
		}
		return out, err
	}
	sdk.Run(t, call, loopback.Case{
		Name: "tools and thoughts", Want: converseWant,
		Answer: loopback.Answer{Body: `{"output":` + answer + `,"stopReason":"tool_use","usage":` + usage + `,"metrics":{"latencyMs":12}}`},
	}, loopback.Case{
		Name: "server error", Answer: throttled, Fails: true, Want: failed(converseWant),
	})
}

// frame is an event in the framing of AWS.
func frame(t *testing.T, headers map[string]string, payload string) string {
	t.Helper()
	var b bytes.Buffer
	message := eventstream.Message{Payload: []byte(payload)}
	message.Headers.Set(":content-type", eventstream.StringValue("application/json"))
	for name, value := range headers {
		message.Headers.Set(name, eventstream.StringValue(value))
	}
	require.NoError(t, eventstream.NewEncoder().Encode(&b, message))
	return b.String()
}

func event(t *testing.T, kind, payload string) string {
	t.Helper()
	return frame(t, map[string]string{":message-type": "event", ":event-type": kind}, payload)
}

func exception(t *testing.T, kind string) string {
	t.Helper()
	return frame(t, map[string]string{":message-type": "exception", ":exception-type": kind}, `{"message":"too much"}`)
}

func framed(a loopback.Answer, frames ...string) loopback.Answer {
	a.Type, a.Events = "application/vnd.amazon.eventstream", frames
	return a
}

// eventStream is a stream of the SDK.
type eventStream[E any] interface {
	Events() <-chan E
	Err() error
	Close() error
}

// read reads a stream and closes it.
func read[E any](s eventStream[E], h loopback.How, cancel context.CancelFunc) ([]E, error) {
	var all []E
	for e := range s.Events() {
		all = append(all, e)
		if len(all) == h.Cancel {
			cancel()
		}
		if len(all) == h.Break {
			break
		}
	}
	if err := s.Close(); err != nil && h.Cancel == 0 {
		return all, err
	}
	return all, s.Err()
}

func TestConverseStream(t *testing.T) {
	call := func(ctx context.Context, c client, h loopback.How, cancel context.CancelFunc) (any, error) {
		out, err := c.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{
			ModelId: aws.String(modelID), Messages: messages(), System: system, ToolConfig: tools,
			InferenceConfig: &types.InferenceConfiguration{MaxTokens: aws.Int32(100), Temperature: aws.Float32(0.5)},
		})
		if err != nil {
			return nil, err
		}
		return read(out.GetStream(), h, cancel)
	}
	whole := []string{
		event(t, "messageStart", `{"role":"assistant","p":"abcdef"}`),
		event(t, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm"}}}`),
		event(t, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"m"}}}`),
		event(t, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"abc"}}}`),
		event(t, "contentBlockStop", `{"contentBlockIndex":0}`),
		event(t, "contentBlockDelta", `{"contentBlockIndex":1,"delta":{"text":"In "},"p":"abc"}`),
		event(t, "contentBlockDelta", `{"contentBlockIndex":1,"delta":{"text":"Portugal."}}`),
		event(t, "contentBlockStop", `{"contentBlockIndex":1}`),
		event(t, "contentBlockStart", `{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t1","name":"weather"}}}`),
		event(t, "contentBlockDelta", `{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"city\":\"Lis"}}}`),
		event(t, "contentBlockDelta", `{"contentBlockIndex":2,"delta":{"toolUse":{"input":"bon\",\"days\":2}"}}}`),
		event(t, "contentBlockStop", `{"contentBlockIndex":2}`),
		event(t, "messageStop", `{"stopReason":"tool_use","p":"ab"}`),
		event(t, "metadata", `{"usage":`+usage+`,"metrics":{"latencyMs":12},"p":"abc"}`),
	}
	want := converseWant.With(func(w *loopback.Want) {
		w.Name = "Client.ConverseStream"
		w.Metadata["stream"] = map[string]any{"elements": 14}
	})
	left := func(ended string, elements int) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Usage, w.Output = nil, `{"output":{"message":{"role":"assistant","content":[{"text":"In "}]}}}`
			w.Metadata["stopReason"], w.Metadata["metrics"], w.Metadata["stream"] = nil, nil, map[string]any{"elements": elements, "ended": ended}
		})
	}
	begun := []string{whole[0], event(t, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"In "}}`)}
	sdk.Run(t, call, loopback.Case{
		Name: "tools and thoughts", Answer: framed(loopback.Answer{}, whole...), Want: want,
	}, loopback.Case{
		Name: "left early", Answer: framed(loopback.Answer{Hang: true}, begun...), How: loopback.How{Break: 2}, Want: left("closed", 2),
	}, loopback.Case{
		Name: "cancelled", Answer: framed(loopback.Answer{Hang: true}, begun...), How: loopback.How{Cancel: 2}, Fails: true,
		Want: left("error", 2).With(func(w *loopback.Want) { w.Error = "*errors.errorString" }),
	}, loopback.Case{
		Name: "server error", Answer: throttled, Fails: true, Want: failed(want),
	}, loopback.Case{
		Name: "error in the stream", Answer: framed(loopback.Answer{}, append(begun, exception(t, "throttlingException"))...), Fails: true,
		Want: left("error", 2).With(func(w *loopback.Want) { w.Error = "throttlingException" }),
	}, loopback.Case{
		// The SDK tells the program nothing of it.
		Name: "the connection breaks", Answer: framed(loopback.Answer{Cut: true}, begun...),
		Want: left("error", 2).With(func(w *loopback.Want) { w.Error = "*errors.errorString" }),
	})
}

const invoked = `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4","content":[{"type":"text","text":"In Portugal."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":5,"cache_read_input_tokens":7,"cache_creation_input_tokens":0}}`

const request = `{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"messages":[{"role":"user","content":"Where is Lisbon?"}]}`

var invokeWant = loopback.Want{
	Name: "Client.InvokeModel", Model: modelID, Provider: "bedrock", Tags: []string{"bedrock"},
	Input: `{"body":` + request + `}`, Output: `{"body":` + invoked + `}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14,
		"original_usage.inputTokens": 9, "original_usage.outputTokens": 5, "original_usage.cacheReadInputTokens": 7, "original_usage.cacheWriteInputTokens": 0,
	},
	Metadata: map[string]any{"created_from": "bedrock", "modelId": modelID, "contentType": "application/json", "body": nil},
}

// TestGuardrail asks a guardrail, which intervenes.
func TestGuardrail(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: `{"action":"GUARDRAIL_INTERVENED","outputs":[{"text":"No."}],"assessments":[]}`})
	rec := opiktest.New(t)
	_, err := wrapped.TrackClient(newClient(server.URL)).ApplyGuardrail(rec.Context(), &bedrockruntime.ApplyGuardrailInput{
		GuardrailIdentifier: aws.String("g1"), GuardrailVersion: aws.String("1"), Source: types.GuardrailContentSourceInput,
		Content: []types.GuardrailContentBlock{&types.GuardrailContentBlockMemberText{Value: types.GuardrailTextBlock{Text: aws.String("Where is Lisbon?")}}},
	})
	require.NoError(t, err)
	loopback.Want{
		Type: "guardrail", Name: "Client.ApplyGuardrail", Tags: []string{"bedrock"},
		Input:    `{"content":[{"text":{"text":"Where is Lisbon?"}}],"source":"INPUT"}`,
		Output:   `{"action":"GUARDRAIL_INTERVENED","outputs":[{"text":"No."}],"assessments":[]}`,
		Metadata: map[string]any{"guardrail": "g1", "guardrail_version": "1"},
	}.Check(t, rec)
}

func TestInvokeModel(t *testing.T) {
	call := func(ctx context.Context, c client, _ loopback.How, _ context.CancelFunc) (any, error) {
		out, err := c.InvokeModel(ctx, &bedrockruntime.InvokeModelInput{ModelId: aws.String(modelID), ContentType: aws.String("application/json"), Body: []byte(request)})
		if out != nil {
			out.ResultMetadata = middleware.Metadata{}
		}
		return out, err
	}
	answered := func(body string) loopback.Case {
		return loopback.Case{Answer: loopback.Answer{Body: body}, Want: invokeWant.With(func(w *loopback.Want) {
			w.Output = `{"body":` + body + `}`
			w.Usage = map[string]int{
				"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.inputTokens": 9, "original_usage.outputTokens": 5,
			}
		})}
	}
	named := func(name string, c loopback.Case) loopback.Case {
		c.Name = name
		return c
	}
	sdk.Run(t, call, loopback.Case{
		Name: "Anthropic", Answer: loopback.Answer{Body: invoked}, Want: invokeWant,
	}, named("Meta", answered(`{"generation":"In Portugal.","prompt_token_count":9,"generation_token_count":5,"stop_reason":"stop"}`)),
		named("Titan", answered(`{"inputTextTokenCount":9,"results":[{"tokenCount":5,"outputText":"In Portugal."}]}`)),
		named("Nova", answered(`{"output":{"message":{"role":"assistant","content":[{"text":"In Portugal."}]}},"usage":{"inputTokens":9,"outputTokens":5}}`)),
		named("Mistral", answered(`{"choices":[{"message":{"content":"In Portugal."}}],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}`)),
		loopback.Case{Name: "server error", Answer: throttled, Fails: true, Want: failed(invokeWant)})
}

func TestInvokeModelStream(t *testing.T) {
	call := func(ctx context.Context, c client, h loopback.How, cancel context.CancelFunc) (any, error) {
		out, err := c.InvokeModelWithResponseStream(ctx, &bedrockruntime.InvokeModelWithResponseStreamInput{ModelId: aws.String(modelID), ContentType: aws.String("application/json"), Body: []byte(request)})
		if err != nil {
			return nil, err
		}
		return read(out.GetStream(), h, cancel)
	}
	chunk := func(text string) string {
		return event(t, "chunk", `{"bytes":"`+base64.StdEncoding.EncodeToString([]byte(text))+`","p":"abc"}`)
	}
	whole := []string{
		chunk(`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1,"cache_read_input_tokens":7,"cache_creation_input_tokens":0}}}`),
		chunk(`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`),
		chunk(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"In "}}`),
		chunk(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Portugal."}}`),
		chunk(`{"type":"content_block_stop","index":0}`),
		chunk(`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}`),
		chunk(`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"outputTokenCount":5,"invocationLatency":12,"firstByteLatency":3}}`),
	}
	want := invokeWant.With(func(w *loopback.Want) {
		w.Name = "Client.InvokeModelWithResponseStream"
		w.Metadata["stream"] = map[string]any{"elements": 7}
	})
	sdk.Run(t, call, loopback.Case{
		Name: "Anthropic", Answer: framed(loopback.Answer{}, whole...), Want: want,
	}, loopback.Case{
		Name:   "Meta",
		Answer: framed(loopback.Answer{}, chunk(`{"generation":"In ","prompt_token_count":9,"generation_token_count":1,"stop_reason":null}`), chunk(`{"generation":"Portugal.","prompt_token_count":null,"generation_token_count":5,"stop_reason":"stop"}`)),
		Want: want.With(func(w *loopback.Want) {
			w.Output = `{"body":{"generation":"In Portugal.","prompt_token_count":9,"generation_token_count":5,"stop_reason":"stop"}}`
			w.Usage = map[string]int{
				"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.inputTokens": 9, "original_usage.outputTokens": 5,
			}
			w.Metadata["stream"] = map[string]any{"elements": 2}
		}),
	}, loopback.Case{
		Name: "Nova",
		Answer: framed(loopback.Answer{}, chunk(`{"messageStart":{"role":"assistant"}}`), chunk(`{"contentBlockDelta":{"delta":{"text":"In "},"contentBlockIndex":0}}`),
			chunk(`{"contentBlockDelta":{"delta":{"text":"Portugal."},"contentBlockIndex":0}}`), chunk(`{"messageStop":{"stopReason":"end_turn"}}`), chunk(`{"metadata":{"usage":{"inputTokens":9,"outputTokens":5}}}`)),
		Want: want.With(func(w *loopback.Want) {
			w.Output = `{"body":{"output":{"message":{"role":"assistant","content":[{"text":"In Portugal."}]}},"stopReason":"end_turn","usage":{"inputTokens":9,"outputTokens":5}}}`
			w.Usage = map[string]int{
				"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "original_usage.inputTokens": 9, "original_usage.outputTokens": 5,
			}
			w.Metadata["stream"] = map[string]any{"elements": 5}
		}),
	}, loopback.Case{
		Name: "server error", Answer: throttled, Fails: true, Want: failed(want),
	})
}

// static has credentials that a reflective reader can see.
type static struct{ Value aws.Credentials }

func (s static) Retrieve(context.Context) (aws.Credentials, error) { return s.Value, nil }

// TestCredentials looks for keys in the options of a client, which a program may well capture.
func TestCredentials(t *testing.T) {
	rec := opiktest.New(t)
	secret := aws.Credentials{AccessKeyID: loopback.Key, SecretAccessKey: loopback.Key, SessionToken: loopback.Key}
	c := bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", Credentials: static{secret}, BearerAuthTokenProvider: bearer.StaticTokenProvider{Token: bearer.Token{Value: loopback.Key}},
	})
	_, span := opik.StartSpan(rec.Context(), "call", opik.SpanOptions{})
	opik.CaptureOutput(span, "options", wrapped.TrackClient(c).Options())
	span.End()
	text, err := json.Marshal(rec.Traces())
	require.NoError(t, err)
	assert.Contains(t, string(text), "us-east-1")
	assert.NotContains(t, string(text), "canary")
}
