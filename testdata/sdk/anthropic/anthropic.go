// Package anthropic wraps services of anthropic-sdk-go.
package anthropic

//opik:wrap github.com/anthropics/anthropic-sdk-go.CompletionService as=CompletionService
//opik:wrap github.com/anthropics/anthropic-sdk-go.FileService as=FileService
//opik:wrap github.com/anthropics/anthropic-sdk-go.MessageService as=MessageService
//opik:wrap github.com/anthropics/anthropic-sdk-go.MessageBatchService as=MessageBatchService
//opik:wrap github.com/anthropics/anthropic-sdk-go.ModelService as=ModelService
//opik:wrap github.com/anthropics/anthropic-sdk-go.BetaMessageService as=BetaMessageService
//opik:wrap github.com/anthropics/anthropic-sdk-go.BetaMessageBatchService as=BetaMessageBatchService
