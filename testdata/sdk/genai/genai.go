// Package genai wraps services of google.golang.org/genai.
package genai

//opik:wrap google.golang.org/genai.Models as=Models
//opik:wrap google.golang.org/genai.Models as=VertexModels provider=google_vertexai
//opik:wrap google.golang.org/genai.Chat as=Chat
