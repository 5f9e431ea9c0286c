// Package ollama wraps the client of Ollama.
package ollama

//opik:wrap github.com/ollama/ollama/api.Client as=Client
