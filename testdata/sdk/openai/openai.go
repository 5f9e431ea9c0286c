// Package openai wraps services of openai-go.
package openai

//opik:wrap github.com/openai/openai-go/v3.AudioSpeechService as=AudioSpeechService
//opik:wrap github.com/openai/openai-go/v3.AudioTranscriptionService as=AudioTranscriptionService
//opik:wrap github.com/openai/openai-go/v3.AudioTranslationService as=AudioTranslationService
//opik:wrap github.com/openai/openai-go/v3.AudioVoiceService as=AudioVoiceService
//opik:wrap github.com/openai/openai-go/v3.AudioVoiceConsentService as=AudioVoiceConsentService
//opik:wrap github.com/openai/openai-go/v3.BatchService as=BatchService
//opik:wrap github.com/openai/openai-go/v3.BetaResponseService as=BetaResponseService
//opik:wrap github.com/openai/openai-go/v3.ChatCompletionService as=ChatCompletionService
//opik:wrap github.com/openai/openai-go/v3.ChatCompletionService as=AzureChatCompletionService provider=azure
//opik:wrap github.com/openai/openai-go/v3.ChatCompletionService as=Counted stream.include_usage=true
//opik:wrap github.com/openai/openai-go/v3.ChatCompletionMessageService as=ChatCompletionMessageService
//opik:wrap github.com/openai/openai-go/v3.CompletionService as=CompletionService
//opik:wrap github.com/openai/openai-go/v3.ContentProvenanceCheckService as=ContentProvenanceCheckService
//opik:wrap github.com/openai/openai-go/v3.DecisionService as=DecisionService
//opik:wrap github.com/openai/openai-go/v3.EmbeddingService as=EmbeddingService
//opik:wrap github.com/openai/openai-go/v3.FileService as=FileService
//opik:wrap github.com/openai/openai-go/v3.ImageService as=ImageService
//opik:wrap github.com/openai/openai-go/v3.ModelService as=ModelService
//opik:wrap github.com/openai/openai-go/v3.ModerationService as=ModerationService
//opik:wrap github.com/openai/openai-go/v3.UploadService as=UploadService
//opik:wrap github.com/openai/openai-go/v3.UploadPartService as=UploadPartService
//opik:wrap github.com/openai/openai-go/v3.VectorStoreService as=VectorStoreService
//opik:wrap github.com/openai/openai-go/v3.VectorStoreFileService as=VectorStoreFileService
//opik:wrap github.com/openai/openai-go/v3.VectorStoreFileBatchService as=VectorStoreFileBatchService
//opik:wrap github.com/openai/openai-go/v3.VideoService as=VideoService
//opik:wrap github.com/openai/openai-go/v3/responses.ResponseService as=ResponseService
