package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// Chat is what the agent needs of the SDK's service of chat completions. opikgen knows the call by its signature.
//
//opik:track
type Chat interface {
	New(ctx context.Context, body openai.ChatCompletionNewParams, opts ...option.RequestOption) (*openai.ChatCompletion, error)
}

// Embedder is what the agent needs of the SDK's service of embeddings. Vectors are not recorded, only how many there are.
//
//opik:track
type Embedder interface {
	New(ctx context.Context, body openai.EmbeddingNewParams, opts ...option.RequestOption) (*openai.CreateEmbeddingResponse, error)
}

// An Agent answers questions from documents. It is not safe for concurrent use.
type Agent struct {
	chat     Chat
	embedder Embedder
	index    index // of the documents, once they were needed
}

// Answer finds documents about the question and lets the model answer from them.
//
//opik:track tags=retrieval
func (a *Agent) Answer(ctx context.Context, question string) (answer string, err error) {
	found, err := a.retrieveTracked(ctx, question)
	if err != nil {
		return "", fmt.Errorf("retrieving documents: %w", err)
	}
	completion, err := a.chat.New(ctx, openai.ChatCompletionNewParams{
		Model: "gpt-4o-mini",
		Messages: []openai.ChatCompletionMessageParamUnion{
			openai.SystemMessage("Answer from these documents only.\n" + list(found)),
			openai.UserMessage(question),
		},
	})
	if err != nil {
		return "", fmt.Errorf("asking the model: %w", err)
	}
	if len(completion.Choices) == 0 {
		return "", errors.New("the model returned no choices")
	}
	return completion.Choices[0].Message.Content, nil
}

// maxFound is how many documents a retrieval returns.
const maxFound = 2

// retrieve returns the documents that are nearest to the question.
//
//opik:track type=tool
func (a *Agent) retrieve(ctx context.Context, question string) (found []match, err error) {
	if a.index == nil {
		if a.index, err = a.embed(ctx, documents...); err != nil {
			return nil, fmt.Errorf("embedding the documents: %w", err)
		}
	}
	asked, err := a.embed(ctx, question)
	if err != nil {
		return nil, fmt.Errorf("embedding the question: %w", err)
	}
	return a.index.searchTracked(ctx, asked[0].vector, maxFound), nil
}

// embed makes an index of texts.
func (a *Agent) embed(ctx context.Context, texts ...string) (index, error) {
	response, err := a.embedder.New(ctx, openai.EmbeddingNewParams{
		Model: "text-embedding-3-small",
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: texts},
	})
	if err != nil {
		return nil, err
	}
	if len(response.Data) != len(texts) {
		return nil, fmt.Errorf("the model returned %d vectors for %d texts", len(response.Data), len(texts))
	}
	embedded := make(index, len(texts))
	for i, embedding := range response.Data {
		embedded[i] = entry{text: texts[i], vector: embedding.Embedding}
	}
	return embedded, nil
}

func list(found []match) string {
	var b strings.Builder
	for _, m := range found {
		fmt.Fprintf(&b, "- %s\n", m.Text)
	}
	return b.String()
}
