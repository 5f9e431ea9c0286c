package record

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/opikgen/opikgen/runtime/internal/value"
)

// Attachment is a file that belongs to a trace or a span.
type Attachment struct {
	EntityType  string `json:"entity_type"` // "trace" or "span"
	EntityID    string `json:"entity_id"`
	Project     string `json:"project_name"`
	FileName    string `json:"file_name"`
	ContentType string `json:"mime_type"`

	// Data is the content, unless Path names the file that has it when it is sent.
	Data []byte `json:"data"`
	Path string `json:"path"`
}

// NewAttachment returns the row of a file that belongs to a trace or a span, of which of tells the kind and the id.
// The content is data, or encoded, which is base64, or else in the file at a.Path.
func NewAttachment(of Row, a Attachment, data, encoded []byte) Row {
	dst := make([]byte, 0, 512+len(a.FileName)+base64.StdEncoding.EncodedLen(len(data))+len(encoded))
	dst = append(dst, `{"entity_type":"`...)
	dst = append(dst, of.Kind.String()...)
	dst = appendID(append(dst, '"'), "entity_id", of.ID)
	dst = appendText(dst, "project_name", a.Project)
	dst = appendText(dst, "file_name", a.FileName)
	dst = appendText(dst, "mime_type", a.ContentType)
	dst = appendText(dst, "path", a.Path)
	if len(data)+len(encoded) > 0 {
		dst = append(appendKey(dst, "data"), '"')
		dst = base64.StdEncoding.AppendEncode(dst, data)
		dst = append(append(dst, encoded...), '"')
	}
	return Row{Kind: KindAttachment, ID: of.ID, TraceID: of.TraceID, Body: append(dst, '}')}
}

// DecodeAttachment reads the row of an attachment.
func DecodeAttachment(body []byte) (*Attachment, error) {
	a := new(Attachment)
	if err := json.Unmarshal(body, a); err != nil {
		return nil, fmt.Errorf("the row of an attachment cannot be read: %w", err)
	}
	return a, nil
}

// Comment is a comment as the server reads it.
type Comment struct {
	Text string `json:"text"`
}

// NewComment returns the row of a comment on a trace or a span, of which of tells the kind and the ids.
func NewComment(of Row, text string) Row {
	kind := KindTraceComment
	if of.Kind == KindSpan {
		kind = KindSpanComment
	}
	body := append(value.AppendString([]byte(`{"text":`), text), '}')
	return Row{Kind: kind, ID: of.ID, TraceID: of.TraceID, Body: body}
}

// DecodeComment reads the row of a comment.
func DecodeComment(body []byte) (*Comment, error) {
	c := new(Comment)
	if err := json.Unmarshal(body, c); err != nil {
		return nil, fmt.Errorf("the row of a comment cannot be read: %w", err)
	}
	return c, nil
}
