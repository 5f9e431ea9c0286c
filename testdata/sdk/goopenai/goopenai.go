// Package goopenai wraps the client of sashabaranov/go-openai.
package goopenai

//opik:wrap github.com/sashabaranov/go-openai.Client as=Client
