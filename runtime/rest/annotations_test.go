package rest_test

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/opikgen/opikgen/runtime/rest"
)

// of returns how a path about an entity goes on.
func of(entity rest.Entity) (path string, ref rest.Ref) {
	switch entity {
	case rest.EntitySpan:
		return "/v1/private/spans", rest.Ref{Entity: entity, ID: spanID, ProjectID: projectID}
	case rest.EntityTrace:
		return "/v1/private/traces", rest.Ref{Entity: entity, ID: traceID, ProjectID: projectID}
	}
	return "/v1/private/traces/threads", rest.Ref{Entity: entity, ID: "chat 1", ModelID: modelID, ProjectName: "support"}
}

var entities = []rest.Entity{rest.EntitySpan, rest.EntityTrace, rest.EntityThread}

func scoreMethods() []method {
	score := rest.FeedbackScore{Name: "quality", Value: 0.5, Reason: "short", CategoryName: "fair", CreatedBy: "read only"}
	fields := `"name":"quality","value":0.5,"reason":"short","category_name":"fair","source":"sdk"`
	thread := `{"scores":[{"thread_id":"chat 1","project_name":"support",` + fields + `}]}`
	var all []method
	for _, entity := range entities {
		path, ref := of(entity)
		line, body, row := "PUT "+path+"/"+ref.ID+"/feedback-scores", `{`+fields+`}`, `{"id":"`+ref.ID+`","project_id":"`+projectID+`","author":"ann",`+fields+`}`
		deletion := asked{"POST " + path + "/" + ref.ID + "/feedback-scores/delete", "", `{"name":"quality","author":"ann"}`}
		if entity == rest.EntityThread {
			line, body, row = "PUT "+path+"/feedback-scores", thread, `{"thread_id":"chat 1","project_name":"support","author":"ann",`+fields+`}`
			deletion = asked{"POST " + path + "/feedback-scores/delete", "", `{"project_name":"support","thread_id":"chat 1","names":["quality"],"author":"ann"}`}
		}
		all = append(all,
			method{"FeedbackScores.Add " + string(entity), nothing(func(ctx context.Context, c *rest.Client) error {
				return c.FeedbackScores.Add(ctx, ref, score)
			}), done, []asked{{line, "", body}}, ""},
			method{"FeedbackScores.AddMany " + string(entity), nothing(func(ctx context.Context, c *rest.Client) error {
				return c.FeedbackScores.AddMany(ctx, []rest.ScoreOf{{Ref: ref, Score: score, Author: "ann"}})
			}), done, []asked{{"PUT " + path + "/feedback-scores", "", `{"scores":[` + row + `]}`}}, ""},
			method{"FeedbackScores.Delete " + string(entity), nothing(func(ctx context.Context, c *rest.Client) error {
				return c.FeedbackScores.Delete(ctx, ref, rest.DeleteScore{Name: "quality", Author: "ann"})
			}), done, []asked{deletion}, ""},
			method{"FeedbackScores.Names " + string(entity), func(ctx context.Context, c *rest.Client) (any, error) {
				return c.FeedbackScores.Names(ctx, rest.NamesQuery{Entity: entity, ProjectID: projectID})
			}, says(`{"scores":[{"name":"quality","type":"numerical"},{"name":"tone"}]}`),
				[]asked{{line: "GET " + path + "/feedback-scores/names", query: "project_id=" + projectID}}, `["quality","tone"]`},
		)
	}
	return append(all, method{"FeedbackScores.Names by the project's name", func(ctx context.Context, c *rest.Client) (any, error) {
		return c.FeedbackScores.Names(ctx, rest.NamesQuery{Entity: rest.EntitySpan, ProjectName: "support", Type: rest.TypeTool})
	}, says(`{"id":"` + projectID + `","name":"support","scores":[]}`), []asked{
		{"POST /v1/private/projects/retrieve", "", `{"name":"support"}`},
		{line: "GET /v1/private/spans/feedback-scores/names", query: "project_id=" + projectID + "&type=tool"},
	}, `null`}, method{"FeedbackScores.Delete of a thread by the project's id", nothing(func(ctx context.Context, c *rest.Client) error {
		return c.FeedbackScores.Delete(ctx, rest.Ref{Entity: rest.EntityThread, ID: "chat 1", ProjectID: projectID}, rest.DeleteScore{Name: "quality"})
	}), says(`{"id":"` + projectID + `","name":"support"}`), []asked{
		{line: "GET /v1/private/projects/" + projectID},
		{"POST /v1/private/traces/threads/feedback-scores/delete", "", `{"project_name":"support","thread_id":"chat 1","names":["quality"]}`},
	}, ""})
}

func commentMethods() []method {
	var all []method
	for _, entity := range entities {
		path, ref := of(entity)
		one := path + "/" + ref.ID + "/comments"
		if entity == rest.EntityThread {
			one = path + "/" + modelID + "/comments"
		}
		all = append(all,
			method{"Comments.Add " + string(entity), func(ctx context.Context, c *rest.Client) (any, error) {
				return c.Comments.Add(ctx, ref, "well done")
			}, creates(commentID), []asked{{"POST " + one, "", `{"text":"well done"}`}}, `"` + commentID + `"`},
			method{"Comments.Get " + string(entity), func(ctx context.Context, c *rest.Client) (any, error) {
				return c.Comments.Get(ctx, ref, commentID)
			}, says(`{"id":"` + commentID + `","text":"well done"}`), []asked{{line: "GET " + one + "/" + commentID}},
				`{"id":"` + commentID + `","text":"well done"}`},
			method{"Comments.Update " + string(entity), nothing(func(ctx context.Context, c *rest.Client) error {
				return c.Comments.Update(ctx, entity, commentID, "better")
			}), done, []asked{{"PATCH " + path + "/comments/" + commentID, "", `{"text":"better"}`}}, ""},
			method{"Comments.Delete " + string(entity), nothing(func(ctx context.Context, c *rest.Client) error {
				return c.Comments.Delete(ctx, entity, commentID)
			}), done, []asked{{"POST " + path + "/comments/delete", "", `{"ids":["` + commentID + `"]}`}}, ""},
		)
	}
	return append(all, method{"Comments.Add where the answer is the comment", func(ctx context.Context, c *rest.Client) (any, error) {
		return c.Comments.Add(ctx, rest.SpanRef(spanID), "well done")
	}, says(`{"id":"` + commentID + `","text":"well done"}`),
		[]asked{{"POST /v1/private/spans/" + spanID + "/comments", "", `{"text":"well done"}`}}, `"` + commentID + `"`})
}

func attachmentMethods() []method {
	_, ref := of(rest.EntitySpan)
	whose := "&entity_type=span&entity_id=" + spanID
	upload := rest.Ref{Entity: rest.EntityTrace, ID: traceID, ProjectName: "support"}
	begin := `{"file_name":"note.txt","num_of_file_parts":1,"mime_type":"text/plain; charset=utf-8","project_name":"support",
		"entity_type":"trace","entity_id":"` + traceID + `","path":"BASE"}`
	return []method{
		{"Attachments.Download", func(ctx context.Context, c *rest.Client) (any, error) {
			body, err := c.Attachments.Download(ctx, ref, rest.Attachment{FileName: "a b.html", MIMEType: "text/html"})
			if err != nil {
				return nil, err
			}
			defer body.Close()
			text, err := io.ReadAll(body)
			return string(text), err
		}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "a page")
		}, []asked{{line: "GET /v1/private/attachment/download",
			query: "container_id=" + projectID + whose + "&file_name=a b.html&mime_type=text/html&workspace_name=default"}}, `"a page"`},
		{"Attachments.Delete", nothing(func(ctx context.Context, c *rest.Client) error {
			return c.Attachments.Delete(ctx, ref, "a.png", "b.png")
		}), done, []asked{{"POST /v1/private/attachment/delete", "",
			`{"file_names":["a.png","b.png"],"entity_type":"span","entity_id":"` + spanID + `","container_id":"` + projectID + `"}`}}, ""},
		{"Attachments.List", func(ctx context.Context, c *rest.Client) (any, error) { return collect(c.Attachments.List(ctx, ref)) },
			says(`{"content":[{"file_name":"a.png","file_size":3,"mime_type":"image/png","link":"https://example.com/a"}],"total":1}`),
			[]asked{{line: "GET /v1/private/attachment/list", query: "project_id=" + projectID + whose + "&path=BASE&page=1&size=100"}},
			`[{"file_name":"a.png","file_size":3,"mime_type":"image/png","link":"https://example.com/a"}]`},
		{"Attachments.Upload to Opik", func(ctx context.Context, c *rest.Client) (any, error) {
			return c.Attachments.Upload(ctx, upload, rest.File{Name: "note.txt", Content: strings.NewReader("hello")})
		}, uploads("BEMinIO", "/v1/private/attachment/upload?file_name=note.txt&entity_type=trace&entity_id="+traceID), []asked{
			{"POST /v1/private/attachment/upload-start", "", begin},
			{"PUT /v1/private/attachment/upload", "file_name=note.txt&entity_type=trace&entity_id=" + traceID, "hello"},
		}, `{"file_name":"note.txt","file_size":5,"mime_type":"text/plain; charset=utf-8"}`},
		{"Attachments.Upload to a store", func(ctx context.Context, c *rest.Client) (any, error) {
			return c.Attachments.Upload(ctx, upload, rest.File{Name: "note.txt", Content: strings.NewReader("hello")})
		}, uploads("42", "/store/1?signature=x"), []asked{
			{"POST /v1/private/attachment/upload-start", "", begin},
			{"PUT /store/1", "signature=x", "hello"},
			{"POST /v1/private/attachment/upload-complete", "", `{"file_name":"note.txt","project_name":"support","entity_type":"trace",
				"entity_id":"` + traceID + `","file_size":5,"mime_type":"text/plain; charset=utf-8","upload_id":"42",
				"uploaded_file_parts":[{"e_tag":"\"tag of /store/1\"","part_number":1}]}`},
		}, `{"file_name":"note.txt","file_size":5,"mime_type":"text/plain; charset=utf-8"}`},
	}
}

func projectMethods() []method {
	projects := "/v1/private/projects"
	project := `{"name":"support","id":"` + projectID + `"}`
	return []method{
		{"Projects.Create", func(ctx context.Context, c *rest.Client) (any, error) {
			return c.Projects.Create(ctx, rest.Project{Name: "support", Description: "desk", ID: "read only"})
		}, creates(projectID), []asked{{"POST " + projects, "", `{"name":"support","description":"desk"}`}}, `"` + projectID + `"`},
		{"Projects.Get", func(ctx context.Context, c *rest.Client) (any, error) { return c.Projects.Get(ctx, projectID) },
			says(project), []asked{{line: "GET " + projects + "/" + projectID}}, project},
		{"Projects.Find", func(ctx context.Context, c *rest.Client) (any, error) { return c.Projects.Find(ctx, "support") },
			says(project), []asked{{"POST " + projects + "/retrieve", "", `{"name":"support"}`}}, project},
		{"Projects.List", func(ctx context.Context, c *rest.Client) (any, error) { return collect(c.Projects.List(ctx, "sup")) },
			says(`{"page":1,"size":1,"total":1,"content":[` + project + `]}`),
			[]asked{{line: "GET " + projects, query: "name=sup&page=1&size=100"}}, `[` + project + `]`},
		{"Projects.Update", nothing(func(ctx context.Context, c *rest.Client) error {
			return c.Projects.Update(ctx, projectID, rest.Project{Visibility: "private"})
		}), done, []asked{{"PATCH " + projects + "/" + projectID, "", `{"visibility":"private"}`}}, ""},
		{"Projects.Delete", nothing(func(ctx context.Context, c *rest.Client) error { return c.Projects.Delete(ctx, projectID) }),
			done, []asked{{line: "DELETE " + projects + "/" + projectID}}, ""},
		{"Projects.DeleteMany", nothing(func(ctx context.Context, c *rest.Client) error { return c.Projects.DeleteMany(ctx, projectID) }),
			done, []asked{{"POST " + projects + "/delete", "", `{"ids":["` + projectID + `"]}`}}, ""},
	}
}
