package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const (
	minEncoded  = 256_000  // characters of base64 that leave their row and become a file, as in Opik
	maxRestored = 64 << 20 // of one document, which may name the same file any number of times
)

// cutting is content that was cut out of a document.
type cutting struct {
	name, mime string
	content    []byte
}

// extensions are the ends of the names of files.
var extensions = map[string]string{
	"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/bmp": "bmp", "image/x-icon": "ico",
	"image/svg+xml": "svg", "audio/mpeg": "mp3", "audio/wave": "wav", "audio/wav": "wav", "application/ogg": "ogg", "audio/aiff": "aiff",
	"video/mp4": "mp4", "video/webm": "webm", "video/avi": "avi", "application/pdf": "pdf", "application/zip": "zip", "application/x-gzip": "gz",
	"text/html": "html", "text/xml": "xml", "application/json": "json", "text/csv": "csv",
}

// A reference stands where content was cut out. Group 1 is the name of the file.
var reference = regexp.MustCompile(`\[((?:input|output|metadata)-attachment-\d+-\d+\.\w+)\]`)

// cut takes large encoded files out of the row's documents.
func (r *Row) cut(now Time) { r.files = cutAll(now, &r.Input, &r.Output, &r.Metadata) }

// cut takes large encoded files out of the update's documents.
func (p *Patch) cut(now Time) { p.files = cutAll(now, &p.Input, &p.Output, &p.Metadata) }

// cutAll takes large encoded files out of documents and leaves references to them.
func cutAll(now Time, input, output, metadata *json.RawMessage) (files []cutting) {
	for _, field := range []struct {
		name     string
		document *json.RawMessage
	}{{"input", input}, {"output", output}, {"metadata", metadata}} {
		short, cut := cutDocument(*field.document, field.name, now)
		*field.document = short
		files = append(files, cut...)
	}
	return files
}

// cutDocument takes the files out of one document.
func cutDocument(document json.RawMessage, field string, now Time) (json.RawMessage, []cutting) {
	var files []cutting
	var short []byte
	rest := 0
	for start, end := nextRun(document, 0); start >= 0; start, end = nextRun(document, end) {
		file, ok := decodeFile(document[:start], document[start:end])
		if !ok {
			continue
		}
		file.name = fmt.Sprintf("%s-attachment-%d-%d.%s", field, len(files)+1, now.Std().UnixMilli(), cmp.Or(extensions[file.mime], "bin"))
		short = append(append(short, document[rest:start]...), "["+file.name+"]"...)
		rest = end
		files = append(files, file)
	}
	if len(files) == 0 {
		return document, nil
	}
	return append(short, document[rest:]...), files
}

// nextRun returns the bounds of the next run of base64 that is long enough, or -1. It looks from the end of where a run
// would be, so that it sees little of a document that holds none.
func nextRun(document []byte, from int) (start, end int) {
	for from+minEncoded <= len(document) {
		last := from + minEncoded - 1
		for last >= from && isBase64(document[last]) {
			last--
		}
		if last < from {
			return from, endOfRun(document, from+minEncoded)
		}
		from = last + 1
	}
	return -1, -1
}

// endOfRun returns the end of the run that goes on at an offset, with its padding.
func endOfRun(document []byte, at int) int {
	for at < len(document) && isBase64(document[at]) {
		at++
	}
	for padding := 0; padding < 2 && at < len(document) && document[at] == '='; padding++ {
		at++
	}
	return at
}

// isBase64 reports whether a character stands for six bits.
func isBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

// decodeFile decodes a run. What would not encode to the same text again stays where it is, and so does what is no file
// that anything knows.
func decodeFile(before, run []byte) (cutting, bool) {
	content := make([]byte, base64.StdEncoding.DecodedLen(len(run)))
	n, err := base64.StdEncoding.Strict().Decode(content, run)
	if err != nil {
		return cutting{}, false
	}
	mime, _, _ := strings.Cut(http.DetectContentType(content[:n]), ";")
	if mime == "application/octet-stream" || mime == "text/plain" {
		mime = declared(before)
	}
	return cutting{mime: mime, content: content[:n]}, mime != ""
}

// dataURL is what stands before the content of one.
var dataURL = regexp.MustCompile(`data:([a-z]+/[a-z0-9.+-]{1,100})(?:;[a-z0-9=.+-]{1,100})*;base64,$`)

// declared is the type that a data URL names before its content.
func declared(before []byte) string {
	if found := dataURL.FindSubmatch(before[max(0, len(before)-300):]); found != nil {
		return string(found[1])
	}
	return ""
}

// documents are the documents of a row that files are cut out of.
func (r *Row) documents() []*json.RawMessage {
	return []*json.RawMessage{&r.Input, &r.Output, &r.Metadata}
}

// references are the names of the files that the row refers to.
func (r *Row) references() map[string]bool {
	names := map[string]bool{}
	for _, document := range r.documents() {
		if !refers(*document) {
			continue
		}
		for _, found := range reference.FindAllSubmatch(*document, -1) {
			names[string(found[1])] = true
		}
	}
	return names
}

// refers reports whether a document may hold a reference. Few do.
func refers(document []byte) bool { return bytes.Contains(document, []byte("-attachment-")) }

// storeCuttings stores the files that were cut out of a row and to which it still refers after a merge.
func (t *tx) storeCuttings(kind Kind, row Row) error {
	if len(row.files) == 0 {
		return nil
	}
	names := row.references()
	return forEach(row.files, func(file cutting) error {
		if !names[file.name] {
			return nil
		}
		return t.storeCutting(kind, row, file)
	})
}

// storeCutting stores one file, in place of one of the same name.
func (t *tx) storeCutting(kind Kind, row Row, file cutting) error {
	of := Attachment{Kind: kind, EntityID: row.ID, ProjectID: row.ProjectID, Name: file.name}
	if err := t.deleteAttachment(of, -1); err != nil {
		return err
	}
	key, err := t.insert("INSERT INTO attachments (kind, entity_id, project_id, name, mime, size, created, complete) VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
		kind, row.ID, row.ProjectID, file.name, file.mime, len(file.content), row.Updated)
	for number, chunk := range slices.Collect(slices.Chunk(file.content, chunkSize)) {
		err = errors.Join(err, t.exec("INSERT INTO chunks VALUES (?, ?, ?)", key, number, chunk))
	}
	return err
}

// dropCuttings removes the files that only the replaced version of a row refers to.
func (t *tx) dropCuttings(kind Kind, old, row Row) error {
	names := row.references()
	return forEach(slices.Collect(maps.Keys(old.references())), func(name string) error {
		if names[name] {
			return nil
		}
		return t.deleteAttachment(Attachment{Kind: kind, EntityID: old.ID, ProjectID: old.ProjectID, Name: name}, -1)
	})
}

// Restore puts the files that were cut out of rows back into them.
func (s *Store) Restore(ctx context.Context, kind Kind, entries []Entry) error {
	for i := range entries {
		entry := &entries[i]
		of := Attachment{Kind: kind, EntityID: entry.ID, ProjectID: entry.ProjectID}
		for _, document := range entry.documents() {
			if !refers(*document) {
				continue
			}
			restored, err := s.restore(ctx, of, *document)
			if err != nil {
				return fmt.Errorf("restoring the files of %s %s: %w", kind, entry.ID, err)
			}
			*document = restored
		}
	}
	return nil
}

// restore puts the files back into one document. A reference to a file that is not there is text.
func (s *Store) restore(ctx context.Context, of Attachment, document []byte) ([]byte, error) {
	var whole bytes.Buffer
	rest := 0
	for _, at := range reference.FindAllSubmatchIndex(document, -1) {
		whole.Write(document[rest:at[0]])
		rest = at[1]
		of.Name = string(document[at[2]:at[3]])
		written, err := s.restoreFile(ctx, of, &whole)
		if err != nil {
			return nil, err
		}
		if !written {
			whole.Write(document[at[0]:at[1]])
		}
	}
	whole.Write(document[rest:])
	return whole.Bytes(), nil
}

// restoreFile writes one file as it stood in the document, if there is such a file and room for it.
func (s *Store) restoreFile(ctx context.Context, of Attachment, whole *bytes.Buffer) (written bool, err error) {
	if whole.Len() > maxRestored {
		return false, nil
	}
	encoder := base64.NewEncoder(base64.StdEncoding, whole)
	err = s.ReadAttachment(ctx, of, encoder, func(Attachment) {})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return true, errors.Join(err, encoder.Close())
}
