package rest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// Attachments is the service for the files of spans and traces. A [Ref] whose ProjectID is set, as that of a span that
// was read, saves a request with each call but Upload.
type Attachments struct{ c *Client }

const attachmentsPath = "/v1/private/attachment"

// An Attachment is a file that Opik keeps with a span or a trace.
type Attachment struct {
	FileName string `json:"file_name"`
	FileSize int64  `json:"file_size"`
	MIMEType string `json:"mime_type"`
	Link     string `json:"link,omitempty"` // for a browser, for a while
}

// attachable finds what cannot have attachments.
func attachable(ref Ref) error {
	if ref.Entity != EntitySpan && ref.Entity != EntityTrace {
		return fmt.Errorf("found a ref to a %s, expected one to a span or a trace: nothing else has attachments", ref.Entity)
	}
	return checkID(string(ref.Entity), ref.ID)
}

// container returns the parameters that say whose attachments are meant.
func (s *Attachments) container(ctx context.Context, ref Ref, name string) (url.Values, error) {
	if err := attachable(ref); err != nil {
		return nil, err
	}
	projectID, err := s.c.projectID(ctx, ref)
	if err != nil {
		return nil, err
	}
	return url.Values{name: {projectID}, "entity_type": {string(ref.Entity)}, "entity_id": {ref.ID}}, nil
}

// List iterates over the attachments of a span or a trace: GET /v1/private/attachment/list.
func (s *Attachments) List(ctx context.Context, ref Ref) iter.Seq2[Attachment, error] {
	return func(yield func(Attachment, error) bool) {
		values, err := s.container(ctx, ref, "project_id")
		if err != nil {
			fail[Attachment](err)(yield)
			return
		}
		values.Set("path", s.here())
		values.Set("page", "1")
		values.Set("size", strconv.Itoa(defaultListPage))
		pages[Attachment](ctx, s.c, attachmentsPath+"/list", values)(yield)
	}
}

// here is the address under which the client sees Opik, from which Opik makes links.
func (s *Attachments) here() string {
	return base64.StdEncoding.EncodeToString([]byte(s.c.base.String()))
}

// Download reads an attachment that List has found: GET /v1/private/attachment/download. The caller reads it as it comes,
// however large it is, and closes it. The error matches [ErrNotFound] if there is none of that name.
func (s *Attachments) Download(ctx context.Context, ref Ref, attachment Attachment) (io.ReadCloser, error) {
	if attachment.FileName == "" || attachment.MIMEType == "" {
		return nil, errors.New("the name or the MIME type of the attachment is missing: take it from what List returns")
	}
	values, err := s.container(ctx, ref, "container_id")
	if err != nil {
		return nil, err
	}
	values.Set("file_name", attachment.FileName)
	values.Set("mime_type", attachment.MIMEType)
	values.Set("workspace_name", s.c.workspace)
	r := request{method: http.MethodGet, path: attachmentsPath + "/download", query: values, download: true}
	response, err := s.c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// Delete deletes attachments by name: POST /v1/private/attachment/delete. That there are none is no error.
func (s *Attachments) Delete(ctx context.Context, ref Ref, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	if err := attachable(ref); err != nil {
		return err
	}
	projectID, err := s.c.projectID(ctx, ref)
	if err != nil {
		return err
	}
	body := map[string]any{"file_names": names, "entity_type": ref.Entity, "entity_id": ref.ID, "container_id": projectID}
	return s.c.do(ctx, request{method: http.MethodPost, path: attachmentsPath + "/delete", body: body, repeatable: true})
}
