// Package mistral wraps the client of gage-technologies/mistral-go.
package mistral

//opik:wrap github.com/gage-technologies/mistral-go.MistralClient as=Client
