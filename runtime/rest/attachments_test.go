package rest_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/rest"
)

// supported is a trace in a project whose name is known, so that an upload asks for nothing else.
var supported = rest.Ref{Entity: rest.EntityTrace, ID: traceID, ProjectName: "support"}

const mebibyte = 1 << 20

// threeParts has 20 MiB, each of another byte.
func threeParts() []byte {
	var text []byte
	for i := range 20 {
		text = append(text, bytes.Repeat([]byte{byte('a' + i)}, mebibyte)...)
	}
	return text
}

// stored puts together what the store was sent.
func stored(requests []captured) (content []byte, parts int) {
	for _, request := range requests {
		if strings.HasPrefix(request.Path, "/store/") {
			content = append(content, request.Body...)
			parts++
		}
	}
	return content, parts
}

// TestUploadInParts sends 20 MiB from readers of all kinds.
func TestUploadInParts(t *testing.T) {
	text := threeParts()
	file, err := os.CreateTemp(t.TempDir(), "content")
	require.NoError(t, err)
	defer file.Close()
	_, err = file.Write(append([]byte("skipped"), text...))
	require.NoError(t, err)
	_, err = file.Seek(int64(len("skipped")), io.SeekStart)
	require.NoError(t, err)
	spool := t.TempDir()
	t.Setenv("TMPDIR", spool)

	for name, content := range map[string]io.Reader{
		"in memory":           bytes.NewReader(text),
		"a file from a place": file,
		"a stream":            iotest.OneByteReader(bytes.NewReader(text[:100])),
		"a long stream":       struct{ io.Reader }{bytes.NewReader(text)},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, uploads("42", "/store/1?X-Amz-Signature=a", "/store/2", "/store/3"))
			if name == "a stream" {
				server = serve(t, uploads("42", "/store/1"))
			}
			attachment, err := server.client(t).Attachments.Upload(t.Context(), supported, rest.File{Name: "a.png", Content: content})
			require.NoError(t, err)
			found, parts := stored(server.asked())
			assert.Len(t, found, int(attachment.FileSize))
			assert.True(t, bytes.HasPrefix(text, found), "the content is another")
			assert.Equal(t, (len(found)+8*mebibyte-1)/(8*mebibyte), parts)
			assert.Equal(t, "image/png", attachment.MIMEType)
			left, err := filepath.Glob(filepath.Join(spool, "*"))
			require.NoError(t, err)
			assert.Empty(t, left, "a temporary file is left")
		})
	}
}

// TestTheTypeOfAFile is found from the name before the content.
func TestTheTypeOfAFile(t *testing.T) {
	for name, test := range map[string]struct{ given, content, want string }{
		"a.json":  {"", "plain", "application/json"},
		"picture": {"", "\x89PNG\r\n\x1a\n", "image/png"},
		"note":    {"", "plain", "text/plain; charset=utf-8"},
		"b.json":  {"text/x-mine", "{}", "text/x-mine"},
	} {
		server := serve(t, uploads("BEMinIO", "/v1/private/attachment/upload"))
		attachment, err := server.client(t).Attachments.Upload(t.Context(), supported,
			rest.File{Name: name, MIMEType: test.given, Content: strings.NewReader(test.content)})
		require.NoError(t, err)
		assert.Equal(t, test.want, attachment.MIMEType)
		requests := server.asked()
		assert.Equal(t, test.want, requests[len(requests)-1].Header.Get("Content-Type"))
	}
}

// TestUploadAsksForTheProject where only its id is known.
func TestUploadAsksForTheProject(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			says(`{"name":"support"}`)(w, r)
			return
		}
		uploads("BEMinIO", "/v1/private/attachment/upload")(w, r)
	})
	_, err := server.client(t).Attachments.Upload(t.Context(), rest.Ref{Entity: rest.EntitySpan, ID: spanID, ProjectID: projectID},
		rest.File{Name: "a", Content: strings.NewReader("x")})
	require.NoError(t, err)
	assert.Contains(t, string(server.asked()[1].Body), `"project_name":"support"`)
}

// TestAPartIsTriedAgain loses one part on the way.
func TestAPartIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		answer := uploads("42", "/store/1")
		client := pipe(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/store/1" {
				body, _ := io.ReadAll(r.Body)
				if bodies = append(bodies, string(body)); len(bodies) == 1 {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
			}
			r.URL.Path = strings.TrimPrefix(r.URL.Path, "/api")
			answer(w, r)
		})
		_, err := client.Attachments.Upload(t.Context(), supported, rest.File{Name: "a", Content: strings.NewReader("content")})
		require.NoError(t, err)
		assert.Equal(t, []string{"content", "content"}, bodies)
	})
}

func TestUploadsThatFail(t *testing.T) {
	elsewhere := serve(t, done)
	broken := iotest.ErrReader(errors.New("the disk is gone"))
	some := func() io.Reader { return strings.NewReader("content") }
	refusing := func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/store/") {
			fails(http.StatusForbidden, "<Error><Code>AccessDenied</Code></Error>")(w, r)
			return
		}
		uploads("42", "/store/1?X-Amz-Signature=hidden")(w, r)
	}
	tests := []struct {
		name   string
		ref    rest.Ref
		file   rest.File
		answer http.HandlerFunc
		want   string
	}{
		{"a thread", rest.ThreadRef("a"), rest.File{Name: "a", Content: some()}, done, "nothing else has attachments"},
		{"no id", rest.SpanRef(""), rest.File{Name: "a", Content: some()}, done, `found "" for the id of a span`},
		{"no name", supported, rest.File{Content: some()}, done, "the file to attach has no name or no content"},
		{"no content", supported, rest.File{Name: "a"}, done, "the file to attach has no name or no content"},
		{"empty", supported, rest.File{Name: "a", Content: strings.NewReader("")}, done, `the file "a" is empty`},
		{"unreadable", supported, rest.File{Name: "a", Content: broken}, done, `the file "a": its content cannot be read: the disk is gone`},
		{"breaks later", supported, rest.File{Name: "a", Content: io.MultiReader(bytes.NewReader(make([]byte, 9*mebibyte)), broken)}, done,
			`the file "a": its content cannot be kept: the disk is gone`},
		{"no URL", supported, rest.File{Name: "a", Content: some()}, says(`{"upload_id":"42"}`), "opik gave 0 URLs for 1 parts"},
		{"a store that refuses", supported, rest.File{Name: "a", Content: some()}, refusing,
			`the file "a" is not attached: opik answered 403 Forbidden to PUT part 1 of the file: <Error><Code>AccessDenied`},
		{"a store without tags", supported, rest.File{Name: "a", Content: some()}, says(`{"upload_id":"42","pre_sign_urls":["` + elsewhere.URL + `"]}`),
			"the store took part 1 and gave no ETag for it"},
		{"a place where the key does not belong", supported, rest.File{Name: "a", Content: some()},
			says(`{"upload_id":"BEMinIO","pre_sign_urls":["http://evil.example.com/upload"]}`),
			"it names http://evil.example.com for the upload, which is not where the key belongs"},
		{"an Opik that takes the file, and says not where", supported, rest.File{Name: "a", Content: some()},
			says(`{"upload_id":"BEMinIO","pre_sign_urls":[]}`), "opik gave 0 URLs for 1 parts"},
		{"no URL at all", supported, rest.File{Name: "a", Content: some()}, says(`{"upload_id":"42","pre_sign_urls":["://hidden"]}`), "missing protocol scheme"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := connect(t, test.answer).Attachments.Upload(t.Context(), test.ref, test.file)
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "hidden")
		})
	}
	for _, request := range elsewhere.asked() {
		assert.Empty(t, request.Header.Get("Authorization"))
	}
}

func TestDownloadsThatFail(t *testing.T) {
	ref := rest.Ref{Entity: rest.EntitySpan, ID: spanID, ProjectID: projectID}
	client := connect(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("file_name") == "missing" {
			fails(http.StatusNotFound, `{"errors":["not there"]}`)(w, r)
			return
		}
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "cut")
	})
	_, err := client.Attachments.Download(t.Context(), ref, rest.Attachment{FileName: "missing", MIMEType: "a/b"})
	require.ErrorIs(t, err, rest.ErrNotFound)
	_, err = client.Attachments.Download(t.Context(), ref, rest.Attachment{FileName: "a"})
	require.ErrorContains(t, err, "the name or the MIME type of the attachment is missing")
	body, err := client.Attachments.Download(t.Context(), ref, rest.Attachment{FileName: "a", MIMEType: "a/b"})
	require.NoError(t, err)
	defer body.Close()
	_, err = io.ReadAll(body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}
