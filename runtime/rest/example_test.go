package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/opikgen/opikgen/runtime/rest"
)

// opik is the client of the examples, of a server in memory that knows two spans. A program of your own writes
// rest.New(rest.Options{}).
func opik() *rest.Client {
	stream := `{"id":"0199a5d2-ac97-7a11-8f00-0242ac120002","name":"complete","duration":6200.5,"tags":["prod"]}` + "\r\n" +
		`{"id":"0199a5d2-ac97-7a11-8f00-0242ac120001","name":"retrieve","duration":5100,"tags":["prod"]}` + "\r\n"
	answers := map[string]string{
		"/api/v1/private/spans/search":                 stream,
		"/api/v1/private/attachment/upload-start":      `{"upload_id":"BEMinIO","pre_sign_urls":["http://localhost:5173/api/v1/private/attachment/upload"]}`,
		"/api/v1/private/projects/retrieve":            `{"id":"0199a5d2-ac9a-7e44-bf00-0242ac120005","name":"Default Project"}`,
		"/api/v1/private/attachment/list":              `{"total":1,"content":[{"file_name":"answer.txt","file_size":12,"mime_type":"text/plain"}]}`,
		"/api/v1/private/attachment/download":          "Three nights",
		"/api/v1/private/traces/feedback-scores/names": `{"scores":[{"name":"quality"}]}`,
	}
	handler := func(r *http.Request) (*http.Response, error) {
		answer := httptest.NewRecorder()
		switch {
		case r.Method == http.MethodDelete:
			answer.WriteHeader(http.StatusNotImplemented)
		case strings.HasSuffix(r.URL.Path, "/comments"):
			answer.Header().Set("Location", r.URL.String()+"/0199a5d2-ac99-7d33-af00-0242ac120004")
			answer.WriteHeader(http.StatusCreated)
		default:
			_, _ = io.WriteString(answer, answers[r.URL.Path])
		}
		response := answer.Result()
		response.Request = r
		return response, nil
	}
	client, err := rest.New(rest.Options{URL: "http://localhost:5173/api", HTTPClient: &http.Client{Transport: roundTrip(handler)}, Isolated: true})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// Everything that took longer than five seconds, as lines of JSON.
func ExampleSpans_Search() {
	client, ctx := opik(), context.Background()
	lines := json.NewEncoder(os.Stdout)
	for span, err := range client.Spans.Search(ctx, rest.Query{
		ProjectName: "support",
		Where:       `duration > 5000 and tags contains "prod"`,
	}) {
		if err != nil {
			log.Fatal(err)
		}
		if err := lines.Encode(span); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// {"id":"0199a5d2-ac97-7a11-8f00-0242ac120002","name":"complete","tags":["prod"],"duration":6200.5}
	// {"id":"0199a5d2-ac97-7a11-8f00-0242ac120001","name":"retrieve","tags":["prod"],"duration":5100}
}

// A score for every span that is found.
func ExampleFeedbackScores_AddMany() {
	client, ctx := opik(), context.Background()
	var scores []rest.ScoreOf
	for span, err := range client.Spans.Search(ctx, rest.Query{Where: `name = "complete"`}) {
		if err != nil {
			log.Fatal(err)
		}
		scores = append(scores, rest.ScoreOf{Ref: span.Ref(), Score: rest.FeedbackScore{Name: "quality", Value: 0.8, Reason: "short"}})
	}
	fmt.Println(len(scores), client.FeedbackScores.AddMany(ctx, scores))
	// Output: 2 <nil>
}

// One span, scored by its id.
func ExampleFeedbackScores_Add() {
	client, ctx := opik(), context.Background()
	span := rest.SpanRef("0199a5d2-ac97-7a11-8f00-0242ac120002")
	err := client.FeedbackScores.Add(ctx, span, rest.FeedbackScore{Name: "quality", Value: 0.8, Reason: "short"})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleComments_Add() {
	client, ctx := opik(), context.Background()
	trace := rest.TraceRef("0199a5d2-ac96-774b-bcce-b302099a8057")
	id, err := client.Comments.Add(ctx, trace, "The tax is counted twice.")
	fmt.Println(id, err)
	// Output: 0199a5d2-ac99-7d33-af00-0242ac120004 <nil>
}

// A file goes up, and comes back.
func ExampleAttachments_Upload() {
	client, ctx := opik(), context.Background()
	trace := rest.TraceRef("0199a5d2-ac96-774b-bcce-b302099a8057")
	sent, err := client.Attachments.Upload(ctx, trace, rest.File{Name: "answer.txt", Content: bytes.NewReader([]byte("Three nights"))})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sent.FileName, sent.FileSize, sent.MIMEType)

	for attachment, err := range client.Attachments.List(ctx, trace) {
		if err != nil {
			log.Fatal(err)
		}
		content, err := client.Attachments.Download(ctx, trace, attachment)
		if err != nil {
			log.Fatal(err)
		}
		_, _ = io.Copy(os.Stdout, content)
		_ = content.Close()
	}
	// Output:
	// answer.txt 12 text/plain; charset=utf-8
	// Three nights
}

// The kinds of errors are few, and errors.Is tells them apart.
func ExampleError() {
	client, ctx := opik(), context.Background()
	err := client.Spans.Delete(ctx, "0199a5d2-ac97-7a11-8f00-0242ac120002")
	if errors.Is(err, rest.ErrNotImplemented) {
		fmt.Println("this server deletes no spans")
	}
	if fault, ok := errors.AsType[*rest.Error](err); ok {
		fmt.Println(fault.Status)
	}
	// Output:
	// this server deletes no spans
	// 501
}

// A mistake in a query is found where it is, before anything is sent.
func ExampleParseFilters() {
	_, err := rest.ParseFilters(rest.EntitySpan, `duration > 5000 and tags has "prod"`)
	fmt.Println(err)
	// Output: query "duration > 5000 and tags has \"prod\"", column 26: found "has", expected an operator
}
