package vectors_test

import (
	"context"
	"errors"
	"testing"

	"github.com/pinecone-io/go-pinecone/v5/pinecone"
	"github.com/qdrant/go-client/qdrant"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/weaviate/weaviate-go-client/v5/weaviate"
	"github.com/weaviate/weaviate-go-client/v5/weaviate/graphql"
	"github.com/weaviate/weaviate/entities/models"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/opiktest"
	"github.com/opikgen/opikgen/testdata/sdk/loopback"
	wrapped "github.com/opikgen/opikgen/testdata/sdk/vectors"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answering is a gRPC client that asks nobody: it gets these answers, by their methods, as JSON.
func answering(answers map[string]string) grpc.DialOption {
	return grpc.WithUnaryInterceptor(func(_ context.Context, method string, _, reply any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, _ ...grpc.CallOption) error {
		answer, ok := answers[method]
		if !ok {
			return status.Error(codes.NotFound, "no such collection")
		}
		return protojson.Unmarshal([]byte(answer), reply.(proto.Message))
	})
}

// run makes a call three times: as it is, tracked, and tracked where nothing is recorded.
func run[C, T any](t *testing.T, plain C, tracked T, call func(context.Context, any) (any, error), want loopback.Want) {
	t.Helper()
	expected, wantErr := call(t.Context(), plain)
	require.Equal(t, want.Error != "", wantErr != nil, wantErr)
	rec := opiktest.New(t)
	got, err := call(rec.Context(), tracked)
	same(t, expected, got, wantErr, err)
	want.Check(t, rec)
	got, err = call(opik.WithClient(t.Context(), nil), tracked)
	same(t, expected, got, wantErr, err)
}

func same(t *testing.T, want, got any, wantErr, err error) {
	t.Helper()
	assert.Equal(t, want, got)
	assert.Equal(t, status.Code(wantErr), status.Code(err))
}

// embedding is long enough to be one.
func embedding() []float32 {
	v := make([]float32, 384)
	v[7] = 0.25
	return v
}

const numbers = "0,0,0,0,0,0,0,0.5,0,0,0,0,0,0,0,0,0,0,0,0"

type searcher interface {
	Query(ctx context.Context, request *qdrant.QueryPoints) ([]*qdrant.ScoredPoint, error)
	Upsert(ctx context.Context, request *qdrant.UpsertPoints) (*qdrant.UpdateResult, error)
	Scroll(ctx context.Context, request *qdrant.ScrollPoints) ([]*qdrant.RetrievedPoint, error)
}

func qdrantClient(t *testing.T, answers map[string]string) *qdrant.Client {
	t.Helper()
	c, err := qdrant.NewClient(&qdrant.Config{Host: "localhost", APIKey: loopback.Key, PoolSize: 1, SkipCompatibilityCheck: true, GrpcOptions: []grpc.DialOption{answering(answers)}})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

func TestQdrant(t *testing.T) {
	tool := loopback.Want{Type: "tool", Tags: []string{"qdrant"}, Metadata: map[string]any{"created_from": "qdrant"}}
	c := qdrantClient(t, map[string]string{
		"/qdrant.Points/Query":  `{"result":[{"id":{"num":1},"score":0.5,"payload":{"city":{"stringValue":"Lisbon"}},"vectors":{"vector":{"data":[` + numbers + `]}}}]}`,
		"/qdrant.Points/Upsert": `{"result":{"operationId":1,"status":"Completed"}}`,
		"/qdrant.Points/Scroll": `{"result":[{"id":{"num":1},"vectors":{"vector":{"data":[` + numbers + `]}}}]}`,
	})
	query := func(ctx context.Context, c any) (any, error) {
		return c.(searcher).Query(ctx, &qdrant.QueryPoints{CollectionName: "cities", Query: qdrant.NewQueryDense(embedding()), Limit: qdrant.PtrOf(uint64(3))})
	}
	asked := `{"collection":"cities","limit":3,"query":{"Variant":{"Nearest":{"Variant":{"Dense":{"data":"[384 numbers]"}}}}}}`
	run(t, c, wrapped.TrackQdrant(c), query, tool.With(func(w *loopback.Want) {
		w.Name, w.Input = "Client.Query", asked
		w.Output = `{"points":[{"id":{"PointIdOptions":{"Num":1}},"score":0.5,"payload":{"city":{"Kind":{"StringValue":"Lisbon"}}},"vectors":{"VectorsOptions":{"Vector":{"data":"[20 numbers]","Vector":null}}}}]}`
	}))
	upsert := func(ctx context.Context, c any) (any, error) {
		return c.(searcher).Upsert(ctx, &qdrant.UpsertPoints{CollectionName: "cities", Points: []*qdrant.PointStruct{{Id: qdrant.NewIDNum(1), Vectors: qdrant.NewVectors(embedding()...)}}})
	}
	run(t, c, wrapped.TrackQdrant(c), upsert, tool.With(func(w *loopback.Want) {
		w.Name, w.Input, w.Output = "Client.Upsert", `{"collection":"cities","points":1}`, `{"result":{"operation_id":1,"status":2}}`
	}))
	scroll := func(ctx context.Context, c any) (any, error) {
		return c.(searcher).Scroll(ctx, &qdrant.ScrollPoints{CollectionName: "cities"})
	}
	run(t, c, wrapped.TrackQdrant(c), scroll, tool.With(func(w *loopback.Want) {
		w.Name, w.Input = "Client.Scroll", `{"request":{"collection_name":"cities"}}`
		w.Output = `{"result":[{"id":{"PointIdOptions":{"Num":1}},"vectors":{"VectorsOptions":{"Vector":{"data":"[20 numbers]","Vector":null}}}}]}`
	}))
	broken := qdrantClient(t, nil)
	run(t, broken, wrapped.TrackQdrant(broken), query, tool.With(func(w *loopback.Want) {
		w.Name, w.Input, w.Error = "Client.Query", asked, "*qdrant.QdrantError"
	}))
}

type index interface {
	QueryByVectorValues(ctx context.Context, in *pinecone.QueryByVectorValuesRequest) (*pinecone.QueryVectorsResponse, error)
	UpsertVectors(ctx context.Context, in []*pinecone.Vector) (uint32, error)
	FetchVectors(ctx context.Context, ids []string) (*pinecone.FetchVectorsResponse, error)
}

func pineconeIndex(t *testing.T, answers map[string]string) *pinecone.IndexConnection {
	t.Helper()
	c, err := pinecone.NewClient(pinecone.NewClientParams{ApiKey: loopback.Key})
	require.NoError(t, err)
	i, err := c.Index(pinecone.NewIndexConnParams{Host: "http://localhost:1", Namespace: "cities"}, answering(answers))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, i.Close()) })
	return i
}

func TestPinecone(t *testing.T) {
	tool := loopback.Want{Type: "tool", Tags: []string{"pinecone"}, Metadata: map[string]any{"created_from": "pinecone", "namespace": "cities"}}
	c := pineconeIndex(t, map[string]string{
		"/VectorService/Query":  `{"matches":[{"id":"1","score":0.5,"values":[` + numbers + `],"metadata":{"city":"Lisbon"}}],"namespace":"cities","usage":{"readUnits":5}}`,
		"/VectorService/Upsert": `{"upsertedCount":1}`,
		"/VectorService/Fetch":  `{"vectors":{"1":{"id":"1","values":[` + numbers + `]}},"namespace":"cities"}`,
	})
	query := func(ctx context.Context, c any) (any, error) {
		return c.(index).QueryByVectorValues(ctx, &pinecone.QueryByVectorValuesRequest{Vector: embedding(), TopK: 3})
	}
	run(t, c, wrapped.TrackPinecone(c), query, tool.With(func(w *loopback.Want) {
		w.Name, w.Input = "IndexConnection.QueryByVectorValues", `{"vector":"[384 numbers]","limit":3}`
		w.Output = `{"matches":[{"vector":{"id":"1","values":"[20 numbers]","metadata":{"city":"Lisbon"}},"score":0.5}]}`
	}))
	upsert := func(ctx context.Context, c any) (any, error) {
		v := embedding()
		return c.(index).UpsertVectors(ctx, []*pinecone.Vector{{Id: "1", Values: &v}})
	}
	run(t, c, wrapped.TrackPinecone(c), upsert, tool.With(func(w *loopback.Want) {
		w.Name, w.Input, w.Output = "IndexConnection.UpsertVectors", `{"vectors":1}`, `{"upserted":1}`
	}))
	fetch := func(ctx context.Context, c any) (any, error) { return c.(index).FetchVectors(ctx, []string{"1"}) }
	run(t, c, wrapped.TrackPinecone(c), fetch, tool.With(func(w *loopback.Want) {
		w.Name, w.Input, w.Output = "IndexConnection.FetchVectors", `{"request":["1"]}`, `{"vectors":{"1":{"id":"1","values":"[20 numbers]"}}}`
	}))
	broken := pineconeIndex(t, nil)
	run(t, broken, wrapped.TrackPinecone(broken), query, tool.With(func(w *loopback.Want) {
		w.Name, w.Input, w.Error = "IndexConnection.QueryByVectorValues", `{"vector":"[384 numbers]","limit":3}`, "*status.Error"
	}))
}

func weaviateQuery(t *testing.T, answer loopback.Answer) *graphql.GetBuilder {
	t.Helper()
	server := loopback.New(t, answer)
	c, err := weaviate.NewClient(weaviate.Config{Scheme: "http", Host: server.URL[len("http://"):]})
	require.NoError(t, err)
	return c.GraphQL().Get().WithClassName("City").WithFields(graphql.Field{Name: "name"})
}

func TestWeaviate(t *testing.T) {
	tool := loopback.Want{Type: "tool", Name: "GetBuilder.Do", Tags: []string{"weaviate"}, Metadata: map[string]any{"created_from": "weaviate"}}
	do := func(ctx context.Context, c any) (any, error) {
		out, err := c.(interface {
			Do(ctx context.Context) (*models.GraphQLResponse, error)
		}).Do(ctx)
		return out, errors.Unwrap(err)
	}
	c := weaviateQuery(t, loopback.Answer{Body: `{"data":{"Get":{"City":[{"name":"Lisbon","_additional":{"vector":[` + numbers + `]}}]}}}`})
	run(t, c, wrapped.TrackWeaviate(c), do, tool.With(func(w *loopback.Want) {
		w.Output = `{"data":{"Get":{"City":[{"name":"Lisbon","_additional":{"vector":"[20 numbers]"}}]}}}`
	}))
}
