package opik

import (
	"fmt"
	"mime"
	"net/http"
	"path/filepath"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// Attachment is a file that belongs to a trace or a span: what a model was shown, or what it made.
//
// Base64 that is long enough to be a file need not be attached by hand: it is taken out of captured values, see
// [Options.AttachmentBytes].
type Attachment struct {
	FileName    string // "" is made up, or that of Path. Opik keeps one attachment of a name
	ContentType string // "" is found out

	// Data is the content. It is copied, and held in the queue like a row, so one that has no place there is dropped as
	// QueueFull or TooLarge. Path, where there is no Data, is a file that is read in parts when it is sent: it must stay
	// until then, as Flush reports, and may be of any size. One that is gone is dropped as Invalid.
	Data []byte
	Path string
}

// LogAttachment attaches a file to the span, at any time. A span that has no row because of
// SpanOptions.NoDuplicateRoot gives it to its trace. An attachment without content is left out.
//
// The file is uploaded, behind everything that was recorded before it, as Opik says when it is asked by POST
// /v1/private/attachment/upload-start: to Opik itself or to where it keeps files. Options.Mask does not see it.
func (s *Span) LogAttachment(a Attachment) {
	if s != nil {
		s.attach(a, nil)
	}
}

// LogAttachment attaches a file to the trace, as [Span.LogAttachment] does.
func (t *Trace) LogAttachment(a Attachment) {
	if t != nil {
		t.attach(a, nil)
	}
}

// LogComment comments on the span, at any time: until the span is sent, the comment waits with it. A span that has no
// row because of SpanOptions.NoDuplicateRoot gives it to its trace. "" comments nothing.
//
// It is sent by POST /v1/private/spans/{id}/comments. Opik cannot tell whether it has a comment already: one whose
// acknowledgement is lost may be there twice. Options.Mask sees it as "comment".
func (s *Span) LogComment(text string) {
	switch {
	case s == nil:
	case s.traceOnly:
		s.trace.LogComment(text)
	default:
		s.comment(text)
	}
}

// LogComment comments on the trace, as [Span.LogComment] does, by POST /v1/private/traces/{id}/comments. The comment on
// a trace that another process started is sent at once; where Opik does not have the trace after ten seconds it is
// dropped as Invalid.
func (t *Trace) LogComment(text string) {
	if t != nil {
		t.comment(text)
	}
}

func (r *recording) comment(text string) {
	if text = r.client.maskText("comment", value.Cut(text, r.client.maximum)); text != "" {
		r.follow(record.NewComment(r.rows.subject(), text))
	}
}

// attach hands an attachment over. Its content is encoded, which is base64, where the caller has that.
func (r *recording) attach(a Attachment, encoded []byte) {
	if len(a.Data)+len(encoded) == 0 && a.Path == "" {
		return
	}
	if len(a.Data) > 0 {
		a.Path = ""
	}
	if a = a.complete(); a.FileName == "" {
		a.FileName = fmt.Sprintf("attachment-%d.%s", r.attached.Add(1), extension(a.ContentType))
	}
	row := record.NewAttachment(r.rows.subject(), record.Attachment{
		Project:     r.entry.Project,
		FileName:    a.FileName,
		ContentType: a.ContentType,
		Path:        a.Path,
	}, a.Data, encoded)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client.push(r.ctx, row)
}

// complete finds out what is not said, but for the name of what has none.
func (a Attachment) complete() Attachment {
	if a.Path != "" {
		a.Path = absolute(a.Path)
	}
	if a.FileName == "" && a.Path != "" {
		a.FileName = filepath.Base(a.Path)
	}
	if a.ContentType == "" {
		a.ContentType = mime.TypeByExtension(filepath.Ext(a.FileName))
	}
	if a.ContentType == "" && len(a.Data) > 0 {
		a.ContentType = http.DetectContentType(a.Data)
	}
	return a
}

// absolute makes a path one that the next process understands, too, if it has to send the file.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
