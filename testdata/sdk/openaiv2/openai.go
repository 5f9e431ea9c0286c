// Package openaiv2 wraps services of openai-go v2, with the presets of all major versions.
package openaiv2

//opik:wrap github.com/openai/openai-go/v2.AudioSpeechService as=AudioSpeechService
//opik:wrap github.com/openai/openai-go/v2.AudioTranscriptionService as=AudioTranscriptionService
//opik:wrap github.com/openai/openai-go/v2.AudioTranslationService as=AudioTranslationService
//opik:wrap github.com/openai/openai-go/v2.ChatCompletionService as=ChatCompletionService
//opik:wrap github.com/openai/openai-go/v2.CompletionService as=CompletionService
//opik:wrap github.com/openai/openai-go/v2.EmbeddingService as=EmbeddingService
//opik:wrap github.com/openai/openai-go/v2.ImageService as=ImageService
//opik:wrap github.com/openai/openai-go/v2.ModerationService as=ModerationService
//opik:wrap github.com/openai/openai-go/v2/responses.ResponseService as=ResponseService
