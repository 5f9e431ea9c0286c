package openai_test

import (
	"context"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/opiktest"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/openai"
)

type responsesAPI interface {
	New(ctx context.Context, body responses.ResponseNewParams, opts ...option.RequestOption) (*responses.Response, error)
	NewStreaming(ctx context.Context, body responses.ResponseNewParams, opts ...option.RequestOption) *ssestream.Stream[responses.ResponseStreamEventUnion]
}

var responsesSDK = loopback.SDK[responsesAPI]{
	Client: func(url string) responsesAPI { client := newClient(url); return &client.Responses },
	Track: func(client responsesAPI) responsesAPI {
		return wrapped.TrackResponseService(client.(*responses.ResponseService))
	},
}

var responsesParams = responses.ResponseNewParams{
	Model:           "gpt-5",
	Input:           responses.ResponseNewParamsInputUnion{OfString: openai.String("Where is Lisbon?")},
	Instructions:    openai.String("Be brief."),
	MaxOutputTokens: openai.Int(100),
	Tools: []responses.ToolUnionParam{{OfMcp: &responses.ToolMcpParam{
		ServerLabel: "maps", ServerURL: param.NewOpt("http://mcp.example.com"), Authorization: openai.String("canary-token"),
		Headers: map[string]string{"X-Key": "canary-header"},
	}}},
}

const (
	responseUsage = `{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":14}`
	responseHead  = `{"id":"resp_1","object":"response","created_at":1700000000,"model":"gpt-5-2025-08-07","error":null,`
	reasoningItem = `{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Thinking."}]}`
	messageItem   = `{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"In Portugal.","annotations":[]}]}`
	callItem      = `{"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"weather","arguments":"{\"city\":\"Lisbon\"}"}`
	responseBody  = responseHead + `"status":"completed","incomplete_details":null,"output":[` + reasoningItem + `,` + messageItem + `,` + callItem + `],"usage":` + responseUsage + `}`
)

var responsesWant = loopback.Want{
	Name: "ResponseService.New", Model: "gpt-5-2025-08-07", Provider: "openai", Tags: []string{"openai"},
	Input:  `{"input":"Where is Lisbon?","instructions":"Be brief."}`,
	Output: `{"output":[` + reasoningItem + `,` + messageItem + `,` + callItem + `]}`,
	Usage: map[string]int{
		"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14, "cache_read_input_tokens": 4,
		"original_usage.input_tokens": 9, "original_usage.output_tokens": 5, "original_usage.total_tokens": 14,
		"original_usage.input_tokens_details.cached_tokens": 4, "original_usage.output_tokens_details.reasoning_tokens": 3,
	},
	Metadata: map[string]any{
		"created_from": "openai", "id": "resp_1", "status": "completed", "model": "gpt-5", "max_output_tokens": 100, "reason": nil,
		"tools": []any{map[string]any{
			"type": "mcp", "server_label": "maps", "server_url": "http://mcp.example.com", "authorization": "[redacted]", "headers": "[redacted]",
		}},
	},
}

func responsesFailed(want loopback.Want) loopback.Want {
	return failed(want, "*apierror.Error").With(func(w *loopback.Want) { w.Model = "gpt-5" })
}

func TestResponses(t *testing.T) {
	call := func(ctx context.Context, api responsesAPI, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.New(ctx, responsesParams)
	}
	responsesSDK.Run(t, call, loopback.Case{
		Name:   "completed",
		Answer: loopback.Answer{Body: responseBody},
		Want:   responsesWant,
	}, loopback.Case{
		Name: "incomplete",
		Answer: loopback.Answer{Body: responseHead + `"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[],"usage":` +
			responseUsage + `}`},
		Want: responsesWant.With(func(w *loopback.Want) {
			w.Output, w.Metadata = `{"output":[]}`, map[string]any{"status": "incomplete", "reason": "max_output_tokens"}
		}),
	}, loopback.Case{
		Name:   "server error",
		Answer: loopback.Answer{Status: 500, Body: `{"error":{"message":"overloaded"}}`},
		Fails:  true,
		Want:   responsesFailed(responsesWant),
	})
}

func TestCompact(t *testing.T) {
	server := loopback.New(t, loopback.Answer{Body: `{"id":"resp_2","object":"response.compaction","created_at":1,"output":[` + messageItem + `],"usage":` + responseUsage + `}`})
	client := newClient(server.URL)
	rec := opiktest.New(t)
	_, err := wrapped.TrackResponseService(&client.Responses).Compact(rec.Context(), responses.ResponseCompactParams{
		Model: "gpt-5", Input: responses.ResponseCompactParamsInputUnion{OfString: openai.String("Where is Lisbon?")}, Instructions: openai.String("Be brief."),
	})
	require.NoError(t, err)
	responsesWant.With(func(w *loopback.Want) {
		w.Name, w.Model, w.Output, w.Metadata = "ResponseService.Compact", "gpt-5", `{"output":[`+messageItem+`]}`, map[string]any{"id": "resp_2"}
	}).Check(t, rec)
}

var responseEvents = []string{
	`{"type":"response.created","sequence_number":0,"response":` + responseHead + `"status":"in_progress","output":[]}}`,
	`{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}`,
	`{"type":"response.content_part.added","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}`,
	`{"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"In ","logprobs":[]}`,
	`{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Portugal.","logprobs":[]}`,
	`{"type":"response.output_item.done","sequence_number":5,"output_index":0,"item":` + messageItem + `}`,
	`{"type":"response.completed","sequence_number":6,"response":` + responseBody + `}`,
}

func TestResponsesStream(t *testing.T) {
	call := func(ctx context.Context, api responsesAPI, h loopback.How, cancel context.CancelFunc) (any, error) {
		return loopback.Next(api.NewStreaming(ctx, responsesParams), h, cancel)
	}
	want := responsesWant.With(func(w *loopback.Want) { w.Name = "ResponseService.NewStreaming" })
	partial := func(how string) loopback.Want {
		return want.With(func(w *loopback.Want) {
			w.Output = `{"output":[{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[{"type":"output_text","text":"In ","annotations":[]}]}]}`
			w.Usage, w.Metadata = nil, map[string]any{"stream": loopback.Ended(4, how), "id": "resp_1", "status": "in_progress"}
		})
	}
	responsesSDK.Run(t, call, loopback.Case{
		Name:   "completed",
		Answer: loopback.Answer{Events: loopback.Typed(responseEvents...)},
		Want:   want.With(func(w *loopback.Want) { w.Metadata["stream"] = loopback.Ended(7, "") }),
	}, loopback.Case{
		Name: "failed",
		Answer: loopback.Answer{Events: loopback.Typed(append(responseEvents[:1:1], `{"type":"response.failed","sequence_number":1,"response":`+
			strings.Replace(responseHead, "null", `{"code":"server_error","message":"overloaded"}`, 1)+`"status":"failed","output":[]}}`)...)},
		Want: want.With(func(w *loopback.Want) {
			w.Output, w.Usage, w.Error = "", nil, "*errors.errorString"
			w.Metadata = map[string]any{"status": "failed", "code": "server_error", "message": "overloaded"}
		}),
	}, loopback.Case{
		Name:   "left early",
		Answer: loopback.Answer{Events: loopback.Typed(responseEvents[:4]...), Hang: true},
		How:    loopback.How{Break: 4},
		Want:   partial("closed"),
	}, loopback.Case{
		Name:   "cancelled",
		Answer: loopback.Answer{Events: loopback.Typed(responseEvents[:4]...), Hang: true},
		How:    loopback.How{Cancel: 4},
		Fails:  true,
		Want:   partial("error").With(func(w *loopback.Want) { w.Error = "*errors.errorString" }),
	}, loopback.Case{
		Name:   "error before the stream",
		Answer: loopback.Answer{Status: 429, Body: `{"error":{"message":"slow down"}}`},
		Fails:  true,
		Want:   responsesFailed(want),
	}, loopback.Case{
		Name: "error in the stream",
		Answer: loopback.Answer{Events: loopback.Typed(append(responseEvents[:4:4],
			`{"type":"error","sequence_number":4,"code":"server_error","message":"overloaded","param":null}`)...)},
		Want: partial("").With(func(w *loopback.Want) { w.Metadata["stream"] = loopback.Ended(5, "") }),
	})
}
