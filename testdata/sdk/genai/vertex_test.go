package genai_test

import (
	"context"
	"net/http"
	"testing"

	"google.golang.org/genai"

	wrapped "github.com/opikgen/opikgen/testdata/sdk/genai"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
)

// vertexModels are the methods that Vertex AI alone has, or counts the tokens of.
type vertexModels interface {
	EmbedContent(ctx context.Context, model string, contents []*genai.Content, config *genai.EmbedContentConfig) (*genai.EmbedContentResponse, error)
	GenerateImages(ctx context.Context, model string, prompt string, config *genai.GenerateImagesConfig) (*genai.GenerateImagesResponse, error)
	EditImage(ctx context.Context, model, prompt string, referenceImages []genai.ReferenceImage, config *genai.EditImageConfig) (*genai.EditImageResponse, error)
	UpscaleImage(ctx context.Context, model string, image *genai.Image, upscaleFactor string, config *genai.UpscaleImageConfig) (*genai.UpscaleImageResponse, error)
	RecontextImage(ctx context.Context, model string, source *genai.RecontextImageSource, config *genai.RecontextImageConfig) (*genai.RecontextImageResponse, error)
	SegmentImage(ctx context.Context, model string, source *genai.SegmentImageSource, config *genai.SegmentImageConfig) (*genai.SegmentImageResponse, error)
}

var vertex = loopback.SDK[vertexModels]{
	Client: func(url string) vertexModels {
		client, err := genai.NewClient(context.Background(), &genai.ClientConfig{
			APIKey: loopback.Key, Backend: genai.BackendVertexAI, HTTPClient: http.DefaultClient, HTTPOptions: genai.HTTPOptions{BaseURL: url},
		})
		if err != nil {
			panic(err)
		}
		return client.Models
	},
	Track: func(plain vertexModels) vertexModels { return wrapped.TrackVertexModels(plain.(*genai.Models)) },
}

// TestEmbedContentOfVertex adds up what each content counts.
func TestEmbedContentOfVertex(t *testing.T) {
	want := loopback.Want{
		Name: "Models.EmbedContent", Model: "text-embedding-005", Provider: "google_vertexai", Tags: []string{"genai"},
		Input:  `{"contents":[{"parts":[{"text":"a"}],"role":"user"},{"parts":[{"text":"b"}],"role":"user"}]}`,
		Output: `{"embeddings":2,"dimensions":3}`,
		Usage:  map[string]int{"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "original_usage.prompt_token_count": 9},
	}
	prediction := func(tokens string) string {
		return `{"embeddings":{"values":[0.1,0.2,0.3],"statistics":{"truncated":false,"token_count":` + tokens + `}}}`
	}
	vertex.Run(t, func(ctx context.Context, api vertexModels, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.EmbedContent(ctx, "text-embedding-005", append(genai.Text("a"), genai.Text("b")...), nil)
	}, loopback.Case{
		Name: "two", Answer: loopback.Answer{Body: `{"predictions":[` + prediction("4") + `,` + prediction("5") + `]}`}, Want: want,
	}, loopback.Case{
		Name: "server error", Answer: serverError, Fails: true,
		Want: want.With(func(w *loopback.Want) { w.Output, w.Usage, w.Error = "", nil, "genai.APIError" }),
	})
}

func TestImages(t *testing.T) {
	picture := &genai.Image{ImageBytes: []byte("\x89PNG"), MIMEType: "image/png"}
	const pictured = `{"imageBytes":"iVBORw==","mimeType":"image/png"}`
	cases := map[string]struct {
		call  func(ctx context.Context, api vertexModels) (any, error)
		input string
	}{
		"GenerateImages": {func(ctx context.Context, api vertexModels) (any, error) {
			return api.GenerateImages(ctx, "imagen-4", "a bridge", &genai.GenerateImagesConfig{NumberOfImages: 1})
		}, `{"prompt":"a bridge","config":{"numberOfImages":1}}`},
		"EditImage": {func(ctx context.Context, api vertexModels) (any, error) {
			return api.EditImage(ctx, "imagen-4", "a bridge", []genai.ReferenceImage{genai.NewRawReferenceImage(picture, 1)}, nil)
		}, `{"prompt":"a bridge","reference_images":[{"referenceImage":` + pictured + `,"referenceId":1}]}`},
		"UpscaleImage": {func(ctx context.Context, api vertexModels) (any, error) {
			return api.UpscaleImage(ctx, "imagen-4", picture, "x2", nil)
		}, `{"image":` + pictured + `,"upscale_factor":"x2"}`},
		"RecontextImage": {func(ctx context.Context, api vertexModels) (any, error) {
			return api.RecontextImage(ctx, "imagen-4", &genai.RecontextImageSource{Prompt: "a bridge"}, nil)
		}, `{"source":{"prompt":"a bridge"}}`},
	}
	for name, c := range cases {
		vertex.Run(t, func(ctx context.Context, api vertexModels, _ loopback.How, _ context.CancelFunc) (any, error) {
			return c.call(ctx, api)
		}, loopback.Case{
			Name: name, Answer: loopback.Answer{Body: `{"predictions":[{"mimeType":"image/png","bytesBase64Encoded":"iVBORw=="}]}`},
			Want: loopback.Want{
				Name: "Models." + name, Model: "imagen-4", Provider: "google_vertexai", Tags: []string{"genai"}, Input: c.input,
				Output: `{"generated_images":[{"image":{"imageBytes":"iVBORw==","mimeType":"image/png"},"safetyAttributes":{}}]}`,
			},
		})
	}
}

func TestSegmentImage(t *testing.T) {
	vertex.Run(t, func(ctx context.Context, api vertexModels, _ loopback.How, _ context.CancelFunc) (any, error) {
		return api.SegmentImage(ctx, "segmentation-001", &genai.SegmentImageSource{Prompt: "a bridge"}, nil)
	}, loopback.Case{
		Name: "one", Answer: loopback.Answer{Body: `{"predictions":[{"mimeType":"image/png","bytesBase64Encoded":"iVBORw==","labels":[{"label":"bridge"}]}]}`},
		Want: loopback.Want{
			Name: "Models.SegmentImage", Model: "segmentation-001", Provider: "google_vertexai", Tags: []string{"genai"}, Input: `{"source":{"prompt":"a bridge"}}`,
			Output: `{"generated_masks":[{"mask":{"imageBytes":"iVBORw==","mimeType":"image/png"},"labels":[{"label":"bridge"}]}]}`,
		},
	})
}
