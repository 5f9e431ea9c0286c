// Package aws wraps the client of S3 with its whole method set.
package aws

//opik:wrap github.com/aws/aws-sdk-go-v2/service/s3.Client as=S3
