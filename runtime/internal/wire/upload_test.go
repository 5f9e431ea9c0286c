package wire_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/wire"
)

// storage is an Opik and the place where it keeps files, which fail as they are told.
type storage struct {
	id   string   // of uploads
	urls []string // that it gives out
	fail map[string]int

	hang string // the step, by the end of the path, that ends with its context

	asked []string // METHOD URL (headers that say who asks)
	puts  map[string][]byte
	said  map[string]map[string]any // by the end of the path
	types []string                  // of the documents

	contexts []context.Context // of the requests
}

// broken is the status of a step whose connection breaks.
const broken = -1

// ServeHTTP takes a step of an upload.
func (s *storage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, fmt.Sprintf("%s %s%s (%s)", r.Method, r.Host, r.URL.Path, r.Header.Get("Authorization")))
	s.contexts = append(s.contexts, r.Context())
	body, _ := io.ReadAll(r.Body)
	step := filepath.Base(r.URL.Path)
	switch status := s.fail[step]; {
	case step == s.hang:
		<-r.Context().Done()
		return
	case status == broken:
		panic("the connection breaks")
	case status != 0:
		w.WriteHeader(status)
		return
	}
	if r.Method == http.MethodPut {
		s.puts[step] = body
		w.Header().Set("ETag", "tag of "+step)
		return
	}
	var document map[string]any
	_ = json.Unmarshal(body, &document)
	s.said[step] = document
	s.types = append(s.types, r.Header.Get("Content-Type"))
	if step == "upload-start" {
		_ = json.NewEncoder(w).Encode(map[string]any{"upload_id": s.id, "pre_sign_urls": s.urls})
	}
}

// uploadTo sends an attachment and returns what became of it.
func uploadTo(t *testing.T, s *storage, a record.Attachment, data []byte) error {
	t.Helper()
	s.puts, s.said = map[string][]byte{}, map[string]map[string]any{}
	client := newClient(t, wire.Config{URL: "http://opik.example.com/api", APIKey: "secret"}, s.ServeHTTP)
	a.Project, a.FileName, a.ContentType = "p", "f.bin", "x/y"
	row := record.NewAttachment(record.Row{Kind: record.KindSpan, ID: [16]byte{15: 1}}, a, data, nil)
	return client.Deliver(t.Context(), []record.Row{row})
}

const spanID = "00000000-0000-0000-0000-000000000001"

func TestUploadThroughOpik(t *testing.T) {
	s := &storage{id: "BEMinIO", urls: []string{"http://opik.example.com/api/files/one"}}
	require.NoError(t, uploadTo(t, s, record.Attachment{}, []byte("content")))
	assert.Equal(t, []string{
		"POST opik.example.com/api/v1/private/attachment/upload-start (secret)",
		"PUT opik.example.com/api/files/one (secret)",
	}, s.asked)
	assert.Equal(t, map[string]any{
		"entity_type": "span", "entity_id": spanID, "project_name": "p", "file_name": "f.bin", "mime_type": "x/y",
		"num_of_file_parts": 1.0, "path": base64.StdEncoding.EncodeToString([]byte("http://opik.example.com/api")),
	}, s.said["upload-start"])
	assert.Equal(t, "content", string(s.puts["one"]))
	assert.Equal(t, []string{"application/json"}, s.types)
	for _, ctx := range s.contexts {
		assert.Error(t, ctx.Err(), "nothing of the request is left")
	}
}

func TestTheKeyGoesToNobodyElse(t *testing.T) {
	for _, url := range []string{"http://evil.example.com/one", "ftp://opik.example.com/one", "http://opik.example.com:81/one", "http://%zz"} {
		s := &storage{id: "BEMinIO", urls: []string{url}}
		require.ErrorContains(t, uploadTo(t, s, record.Attachment{}, []byte("content")), "another server")
		assert.Len(t, s.asked, 1)
	}
}

func TestUploadInParts(t *testing.T) {
	s := &storage{id: "u", urls: []string{"http://s3.example.com/one", "http://s3.example.com/two"}}
	content := bytes.Repeat([]byte("0123456789"), 1<<20) // 8 MiB and 2 MB
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	require.NoError(t, uploadTo(t, s, record.Attachment{Path: path}, nil))
	assert.Equal(t, []string{
		"POST opik.example.com/api/v1/private/attachment/upload-start (secret)",
		"PUT s3.example.com/one ()",
		"PUT s3.example.com/two ()",
		"POST opik.example.com/api/v1/private/attachment/upload-complete (secret)",
	}, s.asked, "where files are kept nobody learns the key")
	assert.Len(t, s.puts["one"], 8<<20)
	assert.True(t, bytes.Equal(content, append(s.puts["one"], s.puts["two"]...)))
	assert.Equal(t, map[string]any{
		"entity_type": "span", "entity_id": spanID, "project_name": "p", "file_name": "f.bin", "mime_type": "x/y",
		"file_size": float64(len(content)), "upload_id": "u",
		"uploaded_file_parts": []any{
			map[string]any{"e_tag": "tag of one", "part_number": 1.0},
			map[string]any{"e_tag": "tag of two", "part_number": 2.0},
		},
	}, s.said["upload-complete"])
}

func TestUploadsThatFail(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	opiks := []string{"http://opik.example.com/one"}
	for name, test := range map[string]struct {
		fail    map[string]int
		id      string
		urls    []string
		a       record.Attachment
		verdict wire.Verdict
		want    string // in the error
	}{
		"a conflict at the end":       {fail: map[string]int{"upload-complete": 409}, verdict: wire.Refuse, want: "in conflict with another"},
		"Opik cannot be reached":      {fail: map[string]int{"upload-start": broken}, verdict: wire.Retry, want: "the connection breaks"},
		"the storage is not reached":  {fail: map[string]int{"one": broken}, verdict: wire.Retry, want: "the connection breaks"},
		"Opik is down for the file":   {id: "BEMinIO", urls: opiks, fail: map[string]int{"one": 503}, verdict: wire.Retry},
		"it is not reached for it":    {id: "BEMinIO", urls: opiks, fail: map[string]int{"one": broken}, verdict: wire.Retry},
		"Opik will not have the file": {id: "BEMinIO", urls: opiks, fail: map[string]int{"one": 404}, verdict: wire.Refuse},
		"no address for the file":     {id: "BEMinIO", urls: []string{}, verdict: wire.Refuse, want: "0 addresses"},
		"Opik is down":                {fail: map[string]int{"upload-start": 503}, verdict: wire.Retry},
		"the key is wrong":            {fail: map[string]int{"upload-start": 401}, verdict: wire.Pause},
		"an Opik without the call":    {fail: map[string]int{"upload-start": 404}, verdict: wire.Refuse},
		"a conflict":                  {fail: map[string]int{"upload-start": 409}, verdict: wire.Refuse},
		"a name that is too long":     {fail: map[string]int{"upload-start": 422}, verdict: wire.Divide},
		"the storage is down":         {fail: map[string]int{"one": 500}, verdict: wire.Retry},
		"the storage will not":        {fail: map[string]int{"one": 403}, verdict: wire.Refuse},
		"it is down at the end":       {fail: map[string]int{"upload-complete": 500}, verdict: wire.Retry},
		"too few addresses":           {urls: []string{}, verdict: wire.Refuse},
		"an address that is none":     {urls: []string{"http://%zz"}, verdict: wire.Refuse},
		"a file that is not there":    {a: record.Attachment{Path: missing}, verdict: wire.Divide, want: "the file of an attachment"},
		"a folder in place of file":   {a: record.Attachment{Path: t.TempDir()}, verdict: wire.Divide, want: "is no regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &storage{id: cmp.Or(test.id, "u"), urls: []string{"http://s3.example.com/one"}, fail: test.fail}
			if test.urls != nil {
				s.urls = test.urls
			}
			data := []byte("content")
			if test.a.Path != "" {
				data = nil
			}
			fault, ok := errors.AsType[*wire.Error](uploadTo(t, s, test.a, data))
			require.True(t, ok)
			assert.Equal(t, test.verdict, fault.Verdict, fault.Error())
			assert.NotContains(t, fault.Error(), "secret")
			require.ErrorContains(t, fault, test.want)
		})
	}
	fault, ok := errors.AsType[*wire.Error](uploadTo(t, &storage{}, record.Attachment{}, nil))
	require.True(t, ok)
	assert.Equal(t, wire.Divide, fault.Verdict, "it is empty")
}

func TestAnAnswerThatIsNone(t *testing.T) {
	client := newClient(t, config, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") })
	row := record.NewAttachment(record.Row{Kind: record.KindSpan}, record.Attachment{FileName: "a"}, []byte("a"), nil)
	fault, ok := errors.AsType[*wire.Error](client.Deliver(t.Context(), []record.Row{row}))
	require.True(t, ok)
	assert.Equal(t, wire.Retry, fault.Verdict)
	require.ErrorContains(t, fault, "the answer to the start of an upload")

	row.Body = []byte("[")
	fault, ok = errors.AsType[*wire.Error](client.Deliver(t.Context(), []record.Row{row}))
	require.True(t, ok)
	assert.Equal(t, wire.Divide, fault.Verdict, "it is no attachment")
}

// TestUploadsTakeNoLongerThanTheirSizeAllows has ten megabytes in two parts, neither of which arrives.
func TestUploadsTakeNoLongerThanTheirSizeAllows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Truncate(path, 10<<20))
	for _, test := range []struct {
		step, id string
		urls     []string
		want     time.Duration
	}{
		{step: "upload-start", want: time.Minute},
		{step: "two", id: "u", urls: []string{"http://s3.example.com/one", "http://s3.example.com/two"}, want: time.Minute},
		{step: "one", id: "BEMinIO", urls: []string{"http://opik.example.com/one"}, want: 2 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			s := &storage{id: test.id, urls: test.urls, hang: test.step}
			err := uploadTo(t, s, record.Attachment{Path: path}, nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, test.want, time.Since(start), test.step)
		})
	}
}

func TestACommentOnWhatIsNotThere(t *testing.T) {
	client := newClient(t, config, func(w http.ResponseWriter, r *http.Request) {
		assert.True(t, strings.HasSuffix(r.URL.Path, "/spans/"+spanID+"/comments"), r.URL.Path)
		w.WriteHeader(http.StatusNotFound)
	})
	row := record.NewComment(record.Row{Kind: record.KindSpan, ID: [16]byte{15: 1}}, "text")
	for unchecked, want := range map[bool]wire.Verdict{false: wire.Await, true: wire.Divide} {
		row.Unchecked = unchecked
		fault, ok := errors.AsType[*wire.Error](client.Deliver(t.Context(), []record.Row{row}))
		require.True(t, ok)
		assert.Equal(t, want, fault.Verdict)
	}
}
