package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A File is what Upload attaches.
type File struct {
	Name     string // under which it is kept; another file of that name is replaced
	MIMEType string // found from the name, then from the content, if it is empty

	// Content is read once, to its end. One that can be read at any place and knows its size, like an *os.File, a
	// *bytes.Reader and a *strings.Reader, is sent from where it is; another one is kept in memory up to 8 MiB, and in a
	// temporary file beyond.
	Content io.Reader
}

// Files go to a store like S3 in parts, which it takes from 5 MiB on, and not more than so many.
const (
	smallestPart = 8 << 20
	mostParts    = 10_000
)

// directUpload is the id of uploads that the server takes itself, in one piece.
const directUpload = "BEMinIO"

// uploadStart is what an upload begins with.
type uploadStart struct {
	FileName    string `json:"file_name"`
	Parts       int    `json:"num_of_file_parts"`
	MIMEType    string `json:"mime_type"`
	ProjectName string `json:"project_name,omitempty"`
	EntityType  Entity `json:"entity_type"`
	EntityID    string `json:"entity_id"`
	Path        string `json:"path"`
}

// uploadPlan is what the server answers: where the parts go.
type uploadPlan struct {
	UploadID string   `json:"upload_id"`
	URLs     []string `json:"pre_sign_urls"`
}

// uploadEnd is what an upload in parts ends with.
type uploadEnd struct {
	FileName    string       `json:"file_name"`
	ProjectName string       `json:"project_name,omitempty"`
	EntityType  Entity       `json:"entity_type"`
	EntityID    string       `json:"entity_id"`
	FileSize    int64        `json:"file_size"`
	MIMEType    string       `json:"mime_type"`
	UploadID    string       `json:"upload_id"`
	Parts       []uploadPart `json:"uploaded_file_parts"`
}

// uploadPart is a part that the store has.
type uploadPart struct {
	ETag   string `json:"e_tag"`
	Number int    `json:"part_number"`
}

// Upload attaches a file to a span or a trace: POST /v1/private/attachment/upload-start, which says where the content
// goes, then, without the key, one PUT for each 8 MiB to the store behind Opik and POST
// /v1/private/attachment/upload-complete, or, where Opik keeps files itself, PUT /v1/private/attachment/upload. A file
// must not be empty and, in parts, has at most 50 TiB. The URLs are good for an hour. The project of ref must be that of
// the span or trace.
func (s *Attachments) Upload(ctx context.Context, ref Ref, file File) (*Attachment, error) {
	if err := attachable(ref); err != nil {
		return nil, err
	}
	if strings.TrimSpace(file.Name) == "" || file.Content == nil {
		return nil, errors.New("the file to attach has no name or no content")
	}
	content, err := openContent(file.Content)
	if err != nil {
		return nil, fmt.Errorf("the file %q: %w", file.Name, err)
	}
	defer content.close()
	if content.size == 0 {
		return nil, fmt.Errorf("the file %q is empty, which opik does not keep", file.Name)
	}
	if file.MIMEType == "" {
		file.MIMEType = content.mimeType(file.Name)
	}
	project, err := s.c.uploadProject(ctx, ref)
	if err != nil {
		return nil, err
	}
	u := &upload{client: s.c, ref: ref, project: project, file: file, content: content}
	if err := u.run(ctx, s.here()); err != nil {
		return nil, fmt.Errorf("the file %q is not attached: %w", file.Name, err)
	}
	return &Attachment{FileName: file.Name, FileSize: content.size, MIMEType: file.MIMEType}, nil
}

// uploadProject returns the name of the project, which an upload does not take by id.
func (c *Client) uploadProject(ctx context.Context, ref Ref) (string, error) {
	if ref.ProjectName != "" {
		return ref.ProjectName, nil
	}
	return c.projectName(ctx, ref)
}

// An upload is one under way.
type upload struct {
	client  *Client
	ref     Ref
	project string
	file    File
	content *content
}

// run uploads the content in the way that the server chooses.
func (u *upload) run(ctx context.Context, path string) error {
	size := max(smallestPart, (u.content.size+mostParts-1)/mostParts)
	parts := int((u.content.size + size - 1) / size)
	plan, err := call[uploadPlan](ctx, u.client, request{
		method: http.MethodPost, path: attachmentsPath + "/upload-start", repeatable: true,
		body: uploadStart{
			FileName: u.file.Name, Parts: parts, MIMEType: u.file.MIMEType, ProjectName: u.project,
			EntityType: u.ref.Entity, EntityID: u.ref.ID, Path: path,
		},
	})
	if err != nil {
		return err
	}
	if plan.UploadID == directUpload && len(plan.URLs) > 0 {
		return u.direct(ctx, plan.URLs[0])
	}
	if len(plan.URLs) != parts {
		return fmt.Errorf("opik gave %d URLs for %d parts", len(plan.URLs), parts)
	}
	return u.inParts(ctx, plan, size)
}

// direct sends the whole content to Opik.
func (u *upload) direct(ctx context.Context, url string) error {
	return u.client.do(ctx, request{
		method: http.MethodPut, path: attachmentsPath + "/upload",
		raw: &payload{content: u.content.from(0, u.content.size), size: u.content.size, mimeType: u.file.MIMEType, url: url},
	})
}

// inParts sends part after part to the store, and tells Opik when it has them all.
func (u *upload) inParts(ctx context.Context, plan *uploadPlan, size int64) error {
	end := uploadEnd{
		FileName: u.file.Name, ProjectName: u.project, EntityType: u.ref.Entity, EntityID: u.ref.ID,
		FileSize: u.content.size, MIMEType: u.file.MIMEType, UploadID: plan.UploadID,
	}
	for i, url := range plan.URLs {
		start := int64(i) * size
		tag, err := u.part(ctx, i+1, payload{
			content: u.content.from(start, size), size: min(size, u.content.size-start), url: url, foreign: true,
		})
		if err != nil {
			return err
		}
		end.Parts = append(end.Parts, uploadPart{ETag: tag, Number: i + 1})
	}
	return u.client.do(ctx, request{method: http.MethodPost, path: attachmentsPath + "/upload-complete", body: end})
}

// part sends one part, and returns the tag by which the store knows it.
func (u *upload) part(ctx context.Context, number int, part payload) (string, error) {
	// The path takes the place of the URL in errors: who knows that may write.
	r := request{method: http.MethodPut, path: fmt.Sprintf("part %d of the file", number), raw: &part}
	response, err := u.client.send(ctx, r)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	drain(response.Body)
	tag := response.Header.Get("ETag")
	if tag == "" {
		return "", fmt.Errorf("the store took part %d and gave no ETag for it", number)
	}
	return tag, nil
}
