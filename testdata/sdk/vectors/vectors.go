// Package vectors wraps the clients of vector stores.
package vectors

//opik:wrap github.com/qdrant/go-client/qdrant.Client as=Qdrant
//opik:wrap github.com/pinecone-io/go-pinecone/v5/pinecone.IndexConnection as=Pinecone
//opik:wrap github.com/weaviate/weaviate-go-client/v5/weaviate/graphql.GetBuilder as=Weaviate
