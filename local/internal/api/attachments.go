package api

import (
	"cmp"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/opikgen/opikgen/local/internal/store"
)

const (
	// directUpload is the upload id that tells an SDK to send the file to this server.
	directUpload  = "BEMinIO"
	maxAttachment = 512 << 20
	maxFileName   = 1024
	filesBase     = "/v1/private/attachment"
)

// attachmentRoutes are the endpoints of files.
func (s *server) attachmentRoutes() map[string]handler {
	return map[string]handler{
		"POST " + filesBase + "/upload-start":    reading(s.startUpload),
		"PUT " + filesBase + "/upload":           s.upload,
		"POST " + filesBase + "/upload-complete": s.noContent,
		"GET " + filesBase + "/list":             s.listAttachments,
		"GET " + filesBase + "/download":         s.download,
		"POST " + filesBase + "/delete":          reading(s.deleteAttachments),
	}
}

// fileJSON says which file a request is about.
type fileJSON struct {
	Name       string   `json:"file_name"`
	Names      []string `json:"file_names"`
	Mime       string   `json:"mime_type"`
	Project    *string  `json:"project_name"`
	Container  string   `json:"container_id"`
	EntityType string   `json:"entity_type"`
	EntityID   string   `json:"entity_id"`
	Path       string   `json:"path"`
}

// attachment checks what every request says of a file.
func (j *fileJSON) attachment() (store.Attachment, error) {
	r := rules{}
	r.require(j.EntityType == "trace" || j.EntityType == "span", "entity_type must be one of trace, span")
	r.require(notBlank(j.Project), "project_name must not be blank")
	r.require(len(j.Name) <= maxFileName && !strings.ContainsRune(j.Name, 0), "file_name is not valid")
	if err := r.err(); err != nil {
		return store.Attachment{}, err
	}
	id, err := checkID("entity_id", j.EntityID)
	return store.Attachment{Kind: store.Kind(j.EntityType), EntityID: id, ProjectID: j.Container, Name: j.Name, Mime: j.Mime}, err
}

// startUpload tells the SDK to send the file here.
func (s *server) startUpload(w http.ResponseWriter, r *http.Request, sent *fileJSON) error {
	file, err := sent.attachment()
	if err != nil {
		return err
	}
	if isBlank(file.Name) {
		return invalid("file_name must not be blank")
	}
	query := url.Values{"file_name": {file.Name}, "entity_type": {sent.EntityType}, "entity_id": {file.EntityID}}
	for name, value := range map[string]string{"mime_type": file.Mime, "project_name": text(sent.Project)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"upload_id": directUpload, "pre_sign_urls": []string{publicURL(r, sent.Path) + filesBase + "/upload?" + query.Encode()},
	})
	return nil
}

// publicURL is the address under which the client knows this server. It says so itself, but it is sent to no other.
func publicURL(r *http.Request, path string) string {
	prefix := ""
	if decoded, err := base64.StdEncoding.DecodeString(path); err == nil {
		if base, err := url.Parse(string(decoded)); err == nil && base.Host == r.Host {
			prefix = strings.TrimSuffix(base.EscapedPath(), "/")
		}
	}
	return "http://" + r.Host + prefix
}

// fileOf reads which file a query is about.
func fileOf(query url.Values) (store.Attachment, string, error) {
	project := query.Get("project_name")
	sent := fileJSON{
		Name: query.Get("file_name"), Mime: query.Get("mime_type"), EntityType: query.Get("entity_type"), EntityID: query.Get("entity_id"),
		Container: cmp.Or(query.Get("container_id"), query.Get("project_id")),
	}
	file, err := sent.attachment()
	return file, project, err
}

// upload stores a file.
func (s *server) upload(w http.ResponseWriter, r *http.Request) error {
	file, project, err := fileOf(r.URL.Query())
	if err != nil {
		return err
	}
	if isBlank(file.Name) {
		return invalid("query param file_name must not be blank")
	}
	if file.Mime == "" {
		file.Mime = cmp.Or(mime.TypeByExtension(extension(file.Name)), "application/octet-stream")
	}
	return done(w, s.store.Attach(r.Context(), file, project, io.Reader(http.MaxBytesReader(w, r.Body, maxAttachment))))
}

// extension is the end of a file's name, with its dot.
func extension(name string) string {
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		return name[dot:]
	}
	return ""
}

// listAttachments lists the files of a row, with where to get them.
func (s *server) listAttachments(w http.ResponseWriter, r *http.Request) error {
	file, _, err := fileOf(r.URL.Query())
	if err != nil {
		return err
	}
	files, err := s.store.Attachments(r.Context(), file.Kind, file.EntityID, file.ProjectID)
	if err != nil {
		return err
	}
	type listed struct {
		Link string `json:"link"`
		Name string `json:"file_name"`
		Size int64  `json:"file_size"`
		Mime string `json:"mime_type"`
	}
	content := make([]listed, len(files))
	base := publicURL(r, r.URL.Query().Get("path"))
	for i, file := range files {
		content[i] = listed{base + Link(file), file.Name, file.Size, file.Mime}
	}
	writeJSON(w, http.StatusOK, page[listed]{Page: 1, Size: len(files), Total: int64(len(files)), Content: content})
	return nil
}

// Link is the path under which a file can be downloaded.
func Link(file store.Attachment) string {
	query := url.Values{"container_id": {file.ProjectID}, "entity_type": {string(file.Kind)}, "entity_id": {file.EntityID},
		"file_name": {file.Name}, "mime_type": {file.Mime}}
	return filesBase + "/download?" + query.Encode()
}

// download sends a file. It is never shown as a page of this origin, whatever type it claims to have. Where it breaks off,
// so does the connection: what was sent must not pass for the whole.
func (s *server) download(w http.ResponseWriter, r *http.Request) error {
	file, _, err := fileOf(r.URL.Query())
	if err != nil {
		return err
	}
	began := false
	err = s.store.ReadAttachment(r.Context(), file, w, func(found store.Attachment) {
		began = true
		header := w.Header()
		header.Set("Content-Type", cmp.Or(found.Mime, "application/octet-stream"))
		header.Set("Content-Length", strconv.FormatInt(found.Size, 10))
		header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": lastPart(found.Name)}))
		header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
	})
	if began && err != nil {
		panic(http.ErrAbortHandler)
	}
	return named("Attachment", err)
}

// lastPart is what remains of a name when it is taken for a path.
func lastPart(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }

// deleteAttachments removes files of a row.
func (s *server) deleteAttachments(w http.ResponseWriter, r *http.Request, sent *fileJSON) error {
	file, err := sent.attachment()
	if err != nil {
		return err
	}
	if len(sent.Names) == 0 {
		return invalid("file_names must not be empty")
	}
	return done(w, s.store.DeleteAttachments(r.Context(), file, sent.Names))
}
