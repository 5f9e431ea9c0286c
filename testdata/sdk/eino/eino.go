// Package eino wraps the interfaces of eino's components.
package eino

//opik:wrap github.com/cloudwego/eino/components/model.BaseChatModel as=BaseModel
//opik:wrap github.com/cloudwego/eino/components/model.ToolCallingChatModel as=Model provider=openai
//opik:wrap github.com/cloudwego/eino/components/embedding.Embedder as=Embedder
//opik:wrap github.com/cloudwego/eino/components/retriever.Retriever as=Retriever
//opik:wrap github.com/cloudwego/eino/components/indexer.Indexer as=Indexer
//opik:wrap github.com/cloudwego/eino/components/tool.InvokableTool as=Tool
//opik:wrap github.com/cloudwego/eino/components/tool.EnhancedInvokableTool as=EnhancedTool
//opik:wrap github.com/cloudwego/eino/components/tool.EnhancedStreamableTool as=EnhancedStreamableTool
//opik:wrap github.com/cloudwego/eino/components/tool.StreamableTool as=StreamableTool
