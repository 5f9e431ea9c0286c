package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
)

// chunkSize is how much of a file one write holds.
const chunkSize = 1 << 20

// Attachment is a file of a trace or a span. It is kept in the database, so its name is never a path.
type Attachment struct {
	Kind      Kind   `json:"kind"`
	EntityID  string `json:"entity_id"`
	ProjectID string `json:"project_id"`
	Name      string `json:"file_name"`
	Mime      string `json:"mime_type"`
	Size      int64  `json:"file_size"`
}

// Attach stores a file as it arrives. It is seen, in place of an earlier one of the same name, when it is complete.
func (s *Store) Attach(ctx context.Context, file Attachment, projectName string, content io.Reader) error {
	key, err := s.beginAttachment(ctx, &file, projectName)
	if err != nil {
		return err
	}
	if file.Size, err = s.storeChunks(ctx, key, content); err != nil {
		return errors.Join(err, s.dropAttachment(context.WithoutCancel(ctx), key))
	}
	return s.writer.do(ctx, func(t *tx) error {
		if err := t.deleteAttachment(file, key); err != nil {
			return err
		}
		t.touchEntity(file.Kind, file.EntityID)
		return t.exec("UPDATE attachments SET complete = 1, size = ? WHERE key = ?", file.Size, key)
	})
}

// beginAttachment makes the row that the chunks belong to.
func (s *Store) beginAttachment(ctx context.Context, file *Attachment, projectName string) (key int64, err error) {
	return key, s.writer.do(ctx, func(t *tx) (err error) {
		now := TimeOf(s.now())
		if file.ProjectID == "" {
			if file.ProjectID, err = t.project(projectName, now); err != nil {
				return err
			}
		}
		key, err = t.insert("INSERT INTO attachments (kind, entity_id, project_id, name, mime, size, created) VALUES (?, ?, ?, ?, ?, 0, ?)",
			file.Kind, file.EntityID, file.ProjectID, file.Name, file.Mime, now)
		return err
	})
}

// storeChunks writes the content piece by piece.
func (s *Store) storeChunks(ctx context.Context, key int64, content io.Reader) (size int64, err error) {
	for number := 0; ; number++ {
		chunk := make([]byte, chunkSize)
		n, err := fill(content, chunk)
		if n > 0 {
			size += int64(n)
			if err := s.storeChunk(ctx, key, number, chunk[:n]); err != nil {
				return size, err
			}
		}
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return size, err
		}
	}
}

// fill reads until there is no room or no more. Unlike io.ReadFull it tells an upload that broke off, whose error is
// io.ErrUnexpectedEOF, from one that ended.
func fill(r io.Reader, room []byte) (n int, err error) {
	for n < len(room) && err == nil {
		var read int
		read, err = r.Read(room[n:])
		n += read
	}
	return n, err
}

// storeChunk writes one piece.
func (s *Store) storeChunk(ctx context.Context, key int64, number int, data []byte) error {
	return s.writer.do(ctx, func(t *tx) error {
		return t.exec("INSERT INTO chunks VALUES (?, ?, ?)", key, number, data)
	})
}

// dropAttachment removes what came of a file that broke off.
func (s *Store) dropAttachment(ctx context.Context, key int64) error {
	return s.writer.do(ctx, func(t *tx) error {
		return errors.Join(t.exec("DELETE FROM chunks WHERE attachment = ?", key), t.exec("DELETE FROM attachments WHERE key = ?", key))
	})
}

// deleteAttachment removes the files of a name, but for the one with the key.
func (t *tx) deleteAttachment(file Attachment, but int64) error {
	args := []any{file.EntityID, file.Kind, file.Name, file.ProjectID, but}
	const where = " WHERE entity_id = ? AND kind = ? AND name = ? AND project_id = ? AND key <> ?"
	if err := t.exec("DELETE FROM chunks WHERE attachment IN (SELECT key FROM attachments"+where+")", args...); err != nil {
		return err
	}
	return t.exec("DELETE FROM attachments"+where, args...)
}

// DeleteAttachments removes files of an entity by their names.
func (s *Store) DeleteAttachments(ctx context.Context, of Attachment, names []string) error {
	return s.writer.do(ctx, func(t *tx) error {
		t.touchEntity(of.Kind, of.EntityID)
		return forEach(names, func(name string) error {
			of.Name = name
			return t.deleteAttachment(of, -1)
		})
	})
}

const selectAttachment = "SELECT kind, entity_id, project_id, name, mime, size FROM attachments WHERE complete = 1 AND "

// Attachments lists the files of an entity. Without a project it looks in all.
func (s *Store) Attachments(ctx context.Context, kind Kind, entity, projectID string) ([]Attachment, error) {
	return collect(ctx, s, scanAttachment, selectAttachment+"kind = ?1 AND entity_id = ?2 AND (?3 = '' OR project_id = ?3) ORDER BY name", kind, entity, projectID)
}

// scanAttachment reads a row of selectAttachment.
func scanAttachment(rows *sql.Rows) (file Attachment, err error) {
	err = rows.Scan(&file.Kind, &file.EntityID, &file.ProjectID, &file.Name, &file.Mime, &file.Size)
	return file, err
}

// ReadAttachment writes the content of a file. begin is called before the first byte.
func (s *Store) ReadAttachment(ctx context.Context, of Attachment, w io.Writer, begin func(Attachment)) error {
	var key int64
	err := s.one(ctx, `SELECT key, mime, size FROM attachments WHERE complete = 1 AND entity_id = ? AND kind = ? AND name = ? AND project_id = ?`,
		[]any{of.EntityID, of.Kind, of.Name, of.ProjectID}, &key, &of.Mime, &of.Size)
	if err != nil {
		return err
	}
	begin(of)
	return s.copyChunks(ctx, key, of.Size, w)
}

// copyChunks writes a file piece by piece. Between two it holds no connection: who reads slowly must not keep others waiting.
func (s *Store) copyChunks(ctx context.Context, key, size int64, w io.Writer) error {
	var chunk []byte
	for number := 0; size > 0; number++ {
		err := s.one(ctx, "SELECT data FROM chunks WHERE attachment = ? AND number = ?", []any{key, number}, &chunk)
		if errors.Is(err, ErrNotFound) {
			return io.ErrUnexpectedEOF // the file was removed in the meantime
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(chunk); err != nil {
			return err
		}
		size -= int64(len(chunk))
	}
	return nil
}
