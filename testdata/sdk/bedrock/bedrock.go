// Package bedrock wraps the client of Amazon Bedrock's runtime.
package bedrock

//opik:wrap github.com/aws/aws-sdk-go-v2/service/bedrockruntime.Client as=Client
