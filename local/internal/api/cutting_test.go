package api_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/local/internal/api"
)

// picture is an encoded file of a size that has the beginning of a PNG.
func picture(size int, last byte) string {
	content := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0, 1, 2}, size/3)...)
	return base64.StdEncoding.EncodeToString(append(content, last))
}

// large is encoded content that leaves its row.
var large = picture(195_000, 1)

// same compares values that are too long to print.
func same(t *testing.T, want, got any, what string) {
	t.Helper()
	if want != got {
		assert.Failf(t, what, "%.100v is not %.100v", got, want)
	}
}

// referenceText is what is left in its place.
var referenceText = regexp.MustCompile(`^\[(input|output|metadata)-attachment-\d+-\d+\.\w+\]$`)

// files lists the names of the files of a row.
func (c *client) files(kind, id string) []string {
	c.t.Helper()
	project := c.read("/" + kind + "s/" + id)["project_id"].(string)
	found := []string{}
	for _, file := range c.read("/attachment/list?project_id=" + project + "&entity_type=" + kind + "&entity_id=" + id)["content"].([]any) {
		found = append(found, file.(object)["file_name"].(string))
	}
	return found
}

func TestLargeFilesLeaveTheirRow(t *testing.T) {
	c := newClient(t, api.Options{})
	tests := []struct {
		name, field, value string
		want               string // of the reference, as a pattern; empty where the value stays
	}{
		{"an image", "input", large, `^\[input-attachment-1-\d{13}\.png\]$`},
		{"an image in a data URL", "output", "data:image/png;base64," + large, `^data:image/png;base64,\[output-attachment-1-\d{13}\.png\]$`},
		{"in the midst of a text", "metadata", "see " + large + " there", `^see \[metadata-attachment-1-\d{13}\.png\] there$`},
		{"two", "input", large + " " + picture(270_000, 9), `^\[input-attachment-1-\d{13}\.png\] \[input-attachment-2-\d{13}\.png\]$`},
		{"a document", "input", base64.StdEncoding.EncodeToString([]byte("%PDF-1.7\n" + strings.Repeat("x", 200_000))), `^\[input-attachment-1-\d{13}\.pdf\]$`},
		{"a type that only the data URL names", "input", "data:audio/flac;base64," + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1, 7}, 150_000)),
			`^data:audio/flac;base64,\[input-attachment-1-\d{13}\.bin\]$`},
		{"a small image", "input", picture(100_000, 1), ""},
		{"what is no file", "input", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1, 7}, 150_000)), ""},
		{"plain text", "input", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("words ", 50_000))), ""},
		{"a long word", "input", strings.Repeat("a", 300_000), ""},
		{"what would not come back the same", "input", large[:len(large)-1], ""},
		{"a reference of an SDK", "input", "[input-attachment-1-1718000000000-sdk.png]", ""},
		{"a reference to nothing", "input", "[input-attachment-1-1718000000000.png]", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, id := &client{t, c.url, c.header}, newID()
			c.call(201, http.MethodPost, "/traces", row(id, object{test.field: object{"deep": []any{test.value, 1}}}))
			whole := c.read("/traces/" + id)[test.field].(object)["deep"].([]any)
			assert.Equal(t, 1.0, whole[1])
			same(t, test.value, whole[0], "what is read is what was written")
			kept := c.read("/traces/" + id + "?strip_attachments=true")[test.field].(object)["deep"].([]any)[0].(string)
			if test.want == "" {
				same(t, test.value, kept, "it stays where it is")
				assert.Empty(t, c.files("trace", id))
				return
			}
			assert.Regexp(t, test.want, kept)
			assert.Len(t, c.files("trace", id), strings.Count(kept, "["))
		})
	}
}

func TestAFileThatWasCutOutCanBeDownloaded(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	c.call(204, http.MethodPost, "/spans/batch", list("spans", row(id, object{"trace_id": trace, "input": large})))
	span := c.read("/spans/" + id + "?strip_attachments=true")
	require.Regexp(t, referenceText, span["input"])
	query := url.Values{"container_id": {span["project_id"].(string)}, "entity_type": {"span"}, "entity_id": {id},
		"file_name": {strings.Trim(span["input"].(string), "[]")}}
	response, content := c.send(http.MethodGet, "/v1/private/attachment/download?"+query.Encode(), nil)
	require.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "image/png", response.Header.Get("Content-Type"))
	same(t, large, base64.StdEncoding.EncodeToString([]byte(content)), "the file")
}

func TestEveryWayToReadGivesFilesBack(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	c.call(204, http.MethodPost, "/traces/batch", list("traces", row(trace, object{"output": large})))
	c.call(204, http.MethodPost, "/spans/batch", list("spans", row(id, object{"trace_id": trace, "output": large})))
	for _, kind := range []string{"traces", "spans"} {
		first := func(query string) string {
			return c.read("/" + kind + "?project_name=p" + query)["content"].([]any)[0].(object)["output"].(string)
		}
		found := func(more object) string {
			more["project_name"] = "p"
			return c.search("/"+kind+"/search", more)[0]["output"].(string)
		}
		same(t, large, first(""), kind)
		assert.Regexp(t, referenceText, first("&strip_attachments=true"))
		assert.Regexp(t, referenceText, first("&truncate=true"))
		same(t, large, found(object{}), kind)
		assert.Regexp(t, referenceText, found(object{"strip_attachments": true}))
		assert.Regexp(t, referenceText, found(object{"truncate": true}))
	}
}

func TestFilesFollowTheirRow(t *testing.T) {
	other := picture(195_000, 2)
	tests := []struct {
		name  string
		write func(c *client, id string) // after a create with the large file as its input
		want  object                     // what is read
		files int
	}{
		{"an update of something else", func(c *client, id string) {
			c.call(204, http.MethodPatch, "/traces/"+id, object{"project_name": "p", "output": "x"})
		}, object{"input": large, "output": "x"}, 1},
		{"an update with another file", func(c *client, id string) {
			c.call(204, http.MethodPatch, "/traces/"+id, object{"project_name": "p", "input": other})
		}, object{"input": other}, 1},
		{"an update of several rows", func(c *client, id string) {
			c.call(204, http.MethodPatch, "/traces/batch", object{"ids": []string{id, newID()}, "update": object{"output": other}})
		}, object{"input": large, "output": other}, 2},
		{"an update without", func(c *client, id string) {
			c.call(204, http.MethodPatch, "/traces/"+id, object{"project_name": "p", "input": "small"})
		}, object{"input": "small"}, 0},
		{"a newer row", func(c *client, id string) {
			c.call(204, http.MethodPost, "/traces/batch", list("traces", row(id, object{"input": other, "metadata": large})))
		}, object{"input": other, "metadata": large}, 2},
		{"an older row", func(c *client, id string) {
			c.call(204, http.MethodPost, "/traces/batch", list("traces", row(id, object{"input": other, "last_updated_at": "2001-01-01T00:00:00Z"})))
		}, object{"input": large}, 1},
		{"what was read is written again", func(c *client, id string) {
			read := c.read("/traces/" + id + "?strip_attachments=true")
			c.call(204, http.MethodPost, "/traces/batch", list("traces", row(id, object{"input": read["input"], "output": 1})))
		}, object{"input": large, "output": 1.0}, 1},
		{"a row that is refused", func(c *client, id string) {
			c.call(409, http.MethodPost, "/traces", row(id, object{"input": other}))
		}, object{"input": large}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, id := newClient(t, api.Options{}), newID()
			c.call(201, http.MethodPost, "/traces", row(id, object{"input": large}))
			test.write(c, id)
			got := c.read("/traces/" + id)
			for field, want := range test.want {
				assert.True(t, assert.ObjectsAreEqual(want, got[field]), "%s: %.100v", field, got[field])
			}
			assert.Len(t, c.files("trace", id), test.files)
		})
	}
}

func TestFilesOfAPartialRow(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	c.call(204, http.MethodPatch, "/spans/"+id, object{"project_name": "p", "trace_id": trace, "output": large})
	c.call(201, http.MethodPost, "/spans", row(id, object{"trace_id": trace, "input": picture(260_000, 3), "output": picture(260_000, 4)}))
	got := c.read("/spans/" + id)
	same(t, large, got["output"], "what the update said wins, with its file")
	same(t, picture(260_000, 3), got["input"], "the rest comes from the create")
	assert.Len(t, c.files("span", id), 2, "the file that lost is not kept")
}

func TestFilesGoWithTheirTrace(t *testing.T) {
	c, id, trace := newClient(t, api.Options{}), newID(), newID()
	c.call(204, http.MethodPost, "/traces/batch", list("traces", row(trace, object{"input": large})))
	c.call(204, http.MethodPost, "/spans/batch", list("spans", row(id, object{"trace_id": trace, "input": large})))
	project := c.read("/traces/" + trace)["project_id"].(string)
	c.call(204, http.MethodDelete, "/traces/"+trace, nil)
	for kind, of := range map[string]string{"trace": trace, "span": id} {
		assert.InDelta(t, 0, c.read("/attachment/list?project_id=" + project + "&entity_type=" + kind + "&entity_id=" + of)["total"], 0, kind)
	}
}

func TestAFileThatIsNamedOftenIsNotReadOften(t *testing.T) {
	if fewer > 1 {
		t.Skip("64 MB of base64 take the race detector a minute, and nothing here runs beside anything")
	}
	c, id := newClient(t, api.Options{}), newID()
	c.call(201, http.MethodPost, "/traces", row(id, object{"input": large}))
	reference := c.read("/traces/" + id + "?strip_attachments=true")["input"].(string)
	c.call(204, http.MethodPatch, "/traces/"+id, object{"project_name": "p", "output": strings.Repeat(reference, 1000), "input": reference})
	c.header.Set("Accept-Encoding", "identity")
	response, text := c.send(http.MethodGet, "/v1/private/traces/"+id, nil)
	require.Equal(t, http.StatusOK, response.StatusCode)
	assert.Less(t, len(text), 100<<20)
}
