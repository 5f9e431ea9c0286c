// Package openaiv1 wraps services of openai-go v1, with the presets of all major versions.
package openaiv1

//opik:wrap github.com/openai/openai-go.AudioSpeechService as=AudioSpeechService
//opik:wrap github.com/openai/openai-go.AudioTranscriptionService as=AudioTranscriptionService
//opik:wrap github.com/openai/openai-go.AudioTranslationService as=AudioTranslationService
//opik:wrap github.com/openai/openai-go.ChatCompletionService as=ChatCompletionService
//opik:wrap github.com/openai/openai-go.CompletionService as=CompletionService
//opik:wrap github.com/openai/openai-go.EmbeddingService as=EmbeddingService
//opik:wrap github.com/openai/openai-go.ImageService as=ImageService
//opik:wrap github.com/openai/openai-go.ModerationService as=ModerationService
//opik:wrap github.com/openai/openai-go/responses.ResponseService as=ResponseService
