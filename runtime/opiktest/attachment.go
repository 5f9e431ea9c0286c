package opiktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	opik "github.com/opikgen/opikgen/runtime"
	"github.com/opikgen/opikgen/runtime/internal/record"
)

// uploadPath is where attachments are put, as Opik gives it out in the first step of an upload.
const uploadPath = "attachment/upload/"

// commented returns what is commented on by a request to a path.
func commented(path string) (id string, ok bool) {
	path, ok = strings.CutSuffix(path, "/comments")
	_, id, _ = strings.Cut(path, "/")
	return id, ok
}

func (s *server) takeComment(id string, body []byte) error {
	comment, err := record.DecodeComment(body)
	if err != nil {
		return err
	}
	s.commentsOn[id] = append(s.commentsOn[id], comment.Text)
	return nil
}

// startUpload says where to put an attachment: to this server, under the number that it gets.
func (s *server) startUpload(r *http.Request) (answer string, err error) {
	body, err := read(r)
	if err != nil {
		return "", err
	}
	started, err := record.DecodeAttachment(body)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploads = append(s.uploads, started)
	address := fmt.Sprintf("http://%s/api/v1/private/%s%d", r.URL.Host, uploadPath, len(s.uploads)-1)
	text, err := json.Marshal(map[string]any{"upload_id": "BEMinIO", "pre_sign_urls": []string{address}})
	return string(text), err
}

// takeFile keeps the content of an attachment.
func (s *server) takeFile(number string, content []byte) error {
	var i int
	if _, err := fmt.Sscanf(number, "%d", &i); err != nil || i >= len(s.uploads) {
		return errors.New("no such upload was started")
	}
	a := s.uploads[i]
	file := opik.Attachment{FileName: a.FileName, ContentType: a.ContentType, Data: content}
	s.filesOf[a.EntityID] = append(s.filesOf[a.EntityID], file)
	return nil
}
