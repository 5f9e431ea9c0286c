// Package genkit wraps interfaces of Firebase Genkit. It is a module of its own: Genkit and other SDKs want versions of one
// dependency that do not go together.
package genkit

//opik:wrap github.com/firebase/genkit/go/ai.Model as=Model
//opik:wrap github.com/firebase/genkit/go/ai.Embedder as=Embedder
//opik:wrap github.com/firebase/genkit/go/ai.Retriever as=Retriever
//opik:wrap github.com/firebase/genkit/go/ai.Tool as=Tool
