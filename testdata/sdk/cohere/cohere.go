// Package cohere wraps the clients of Cohere.
package cohere

//opik:wrap github.com/cohere-ai/cohere-go/v2/v2.Client as=Client
//opik:wrap github.com/cohere-ai/cohere-go/v2/client.Client as=ClientV1
