// Package langchain wraps interfaces of langchaingo.
package langchain

//opik:wrap github.com/tmc/langchaingo/agents.Agent as=Agent
//opik:wrap github.com/tmc/langchaingo/callbacks.Handler as=Handler
//opik:wrap github.com/tmc/langchaingo/chains.Chain as=Chain
//opik:wrap github.com/tmc/langchaingo/documentloaders.Loader as=Loader
//opik:wrap github.com/tmc/langchaingo/embeddings.Embedder as=Embedder
//opik:wrap github.com/tmc/langchaingo/llms.Model as=Model
//opik:wrap github.com/tmc/langchaingo/llms.ReasoningModel as=ReasoningModel
//opik:wrap github.com/tmc/langchaingo/prompts.Formatter as=Formatter
//opik:wrap github.com/tmc/langchaingo/prompts.FormatPrompter as=FormatPrompter
//opik:wrap github.com/tmc/langchaingo/schema.ChatMessageHistory as=ChatMessageHistory
//opik:wrap github.com/tmc/langchaingo/schema.Memory as=Memory
//opik:wrap github.com/tmc/langchaingo/schema.Retriever as=Retriever
//opik:wrap github.com/tmc/langchaingo/textsplitter.TextSplitter as=TextSplitter
//opik:wrap github.com/tmc/langchaingo/tools.Tool as=Tool
//opik:wrap github.com/tmc/langchaingo/vectorstores.VectorStore as=VectorStore
