package wire

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/redirect"
)

// Attachments are uploaded in three steps: Opik is asked where to, the parts are put there, and Opik is told.
const (
	uploadStart    = "/v1/private/attachment/upload-start"
	uploadComplete = "/v1/private/attachment/upload-complete"

	// partBytes is the size of a part but the last. S3 takes 5 MiB to 5 GiB, and 10,000 parts.
	partBytes = 8 << 20

	// throughOpik is the upload id of an Opik that takes the file itself, whole.
	throughOpik = "BEMinIO"
)

// An upload is one attachment on its way.
type upload struct {
	*Client
	*record.Attachment

	content io.ReaderAt
	size    int64
}

// deliverAttachment uploads the file of a row. What fails is tried again from the beginning: of the uploads of a name
// the last one counts.
func (c *Client) deliverAttachment(ctx context.Context, row record.Row) error {
	a, err := record.DecodeAttachment(row.Body)
	if err != nil {
		return &Error{Verdict: Divide, Err: err}
	}
	u := &upload{Client: c, Attachment: a, content: bytes.NewReader(a.Data), size: int64(len(a.Data))}
	if a.Path != "" {
		file, err := u.open(a.Path)
		if err != nil {
			return &Error{Verdict: Divide, Err: fmt.Errorf("the file of an attachment: %w", err)}
		}
		defer func() { _ = file.Close() }()
	}
	if u.size == 0 {
		return &Error{Verdict: Divide, Err: errors.New("an attachment is empty")}
	}
	return u.deliver(ctx)
}

// open takes the content from a file.
func (u *upload) open(path string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	u.content, u.size = file, info.Size()
	return file, nil
}

// document is what both calls about the upload say.
func (u *upload) document() map[string]any {
	return map[string]any{
		"file_name":    u.FileName,
		"mime_type":    u.ContentType,
		"project_name": u.Project,
		"entity_type":  u.EntityType,
		"entity_id":    u.EntityID,
	}
}

// deliver makes the three steps.
func (u *upload) deliver(ctx context.Context) error {
	var started struct {
		ID   string   `json:"upload_id"`
		URLs []string `json:"pre_sign_urls"`
	}
	parts := (u.size + partBytes - 1) / partBytes
	document := u.document()
	document["num_of_file_parts"] = parts
	document["path"] = base64.StdEncoding.EncodeToString([]byte(u.base))
	if err := u.call(ctx, uploadStart, document, &started); err != nil {
		return err
	}
	if started.ID == throughOpik && len(started.URLs) > 0 {
		return u.putThroughOpik(ctx, started.URLs[0])
	}
	if int64(len(started.URLs)) != parts {
		return &Error{Verdict: Refuse, Err: fmt.Errorf("opik gave %d addresses for the %d parts of an attachment", len(started.URLs), parts)}
	}
	tags, err := u.putParts(ctx, started.URLs)
	if err != nil {
		return err
	}
	document = u.document()
	document["file_size"], document["upload_id"], document["uploaded_file_parts"] = u.size, started.ID, tags
	return u.call(ctx, uploadComplete, document, nil)
}

// call posts a document to Opik and reads the answer, if there is something to read it into.
func (u *upload) call(ctx context.Context, path string, document map[string]any, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, u.config.Timeout)
	defer cancel()
	text, err := json.Marshal(document)
	if err != nil {
		return &Error{Verdict: Refuse, Err: err}
	}
	request, err := u.request(ctx, target{method: http.MethodPost, path: path})
	if err != nil {
		return &Error{Verdict: Pause, After: pauseInterval, Err: u.scrub(err)}
	}
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	request.Header.Set("Content-Type", "application/json")
	response, err := u.ask(request)
	if err != nil {
		return &Error{Verdict: Retry, Err: u.scrub(err)}
	}
	defer func() { _ = response.Body.Close() }()
	if answer == nil || response.StatusCode/100 != 2 || isPage(response) {
		return u.judgeStep(response)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, longestStart)).Decode(answer); err != nil {
		return &Error{Verdict: Retry, Err: fmt.Errorf("the answer to the start of an upload: %w", err)}
	}
	return u.judgeStep(response)
}

// longestStart bounds the answer with the addresses of the parts, each of which may have a kilobyte.
const longestStart = 16 << 20

// judgeStep judges the answer to a step. An Opik without the endpoint, or that has a conflict, never takes the file:
// that says nothing about the address, as it would for rows.
func (u *upload) judgeStep(response *http.Response) error {
	err := u.judge(response)
	fault, failed := errors.AsType[*Error](err)
	switch {
	case failed && fault.Status == http.StatusNotFound:
		fault.Verdict, fault.After = Refuse, 0
	case !failed && response.StatusCode == http.StatusConflict:
		return &Error{Verdict: Refuse, Status: response.StatusCode, Message: "the attachment is in conflict with another"}
	}
	return err
}

// putThroughOpik puts the whole file to Opik itself. The key goes to no other server, whatever the address says.
func (u *upload) putThroughOpik(ctx context.Context, address string) error {
	base, _ := url.Parse(u.base) // which New has parsed, too
	to, err := url.Parse(address)
	if err != nil || !redirect.SameServer(to, base) {
		return &Error{Verdict: Refuse, Err: errors.New("opik wants an attachment to be sent to another server with the key")}
	}
	request, err := u.request(ctx, target{method: http.MethodPut})
	if err != nil {
		return &Error{Verdict: Pause, After: pauseInterval, Err: u.scrub(err)}
	}
	request.URL = to
	response, err := u.put(request, 0, u.size)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return u.judgeStep(response)
}

// A part is what Opik is told of one that was put.
type part struct {
	Tag    string `json:"e_tag"`
	Number int    `json:"part_number"`
}

// putParts puts the parts to where Opik keeps files.
func (u *upload) putParts(ctx context.Context, addresses []string) ([]part, error) {
	parts := make([]part, len(addresses))
	for i, address := range addresses {
		tag, err := u.putPart(ctx, address, int64(i)*partBytes)
		if err != nil {
			return nil, err
		}
		parts[i] = part{tag, i + 1}
	}
	return parts, nil
}

// putPart puts the part that begins at start. Its request has no header of ours, and an answer says nothing about the
// key: whoever will not have it later will not have it at all.
func (u *upload) putPart(ctx context.Context, address string, start int64) (tag string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, http.NoBody)
	if err != nil {
		return "", &Error{Verdict: Refuse, Err: u.scrub(err)}
	}
	response, err := u.put(request, start, min(partBytes, u.size-start))
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	switch classify(response.StatusCode) {
	case Delivered:
		return response.Header.Get("ETag"), nil
	case Retry:
		return "", &Error{Verdict: Retry, Status: response.StatusCode, Message: "from where opik keeps files"}
	default:
		return "", &Error{Verdict: Refuse, Status: response.StatusCode, Message: "from where opik keeps files"}
	}
}

// put makes a request that carries a section of the file, in a time that grows with it.
func (u *upload) put(request *http.Request, start, size int64) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), u.config.Timeout*time.Duration(1+size/partBytes))
	request = request.WithContext(ctx)
	request.Body, request.ContentLength = io.NopCloser(io.NewSectionReader(u.content, start, size)), size
	response, err := u.ask(request)
	if err != nil {
		cancel()
		return nil, &Error{Verdict: Retry, Err: u.scrub(err)}
	}
	response.Body = canceling{response.Body, cancel}
	return response, nil
}

// canceling ends the context of a request with its answer.
type canceling struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close ends both.
func (c canceling) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}
