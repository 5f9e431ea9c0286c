package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
)

// longestInMemory is how much of a content is held that cannot be read twice.
const longestInMemory = 8 << 20

// A content can be read from any place, as often as a part of it has to be sent.
type content struct {
	at    io.ReaderAt
	size  int64
	close func()
}

// openContent makes any reader a content.
func openContent(r io.Reader) (*content, error) {
	if c := seekable(r); c != nil {
		return c, nil
	}
	head, err := io.ReadAll(io.LimitReader(r, longestInMemory+1))
	if err != nil {
		return nil, fmt.Errorf("its content cannot be read: %w", err)
	}
	if len(head) <= longestInMemory {
		return &content{at: bytes.NewReader(head), size: int64(len(head)), close: func() {}}, nil
	}
	return spooled(io.MultiReader(bytes.NewReader(head), r))
}

// seekable takes what is left of a reader that can be read at any place, or returns nil for one that cannot, as a
// pipe, which is a file, too.
func seekable(r io.Reader) *content {
	source, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok {
		return nil
	}
	here, err := source.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	end, err := source.Seek(0, io.SeekEnd)
	if err != nil {
		return nil
	}
	size := max(0, end-here)
	return &content{at: io.NewSectionReader(source, here, size), size: size, close: func() {}}
}

// spooled writes a content to a temporary file.
func spooled(r io.Reader) (*content, error) {
	file, err := os.CreateTemp("", "opik-attachment-*")
	if err != nil {
		return nil, fmt.Errorf("there is no place for its content: %w", err)
	}
	remove := func() { _ = errors.Join(file.Close(), os.Remove(file.Name())) }
	size, err := io.Copy(file, r)
	if err != nil {
		remove()
		return nil, fmt.Errorf("its content cannot be kept: %w", err)
	}
	return &content{at: file, size: size, close: remove}, nil
}

// from returns how to read a piece, which ends where the content does.
func (c *content) from(start, size int64) func() io.Reader {
	size = min(size, c.size-start)
	return func() io.Reader { return io.NewSectionReader(c.at, start, size) }
}

// mimeType finds the type from the ending of the name, then from the first bytes.
func (c *content) mimeType(name string) string {
	if found := mime.TypeByExtension(path.Ext(name)); found != "" {
		return found
	}
	head, _ := io.ReadAll(io.NewSectionReader(c.at, 0, min(512, c.size))) // what cannot be read fails when it is sent
	return http.DetectContentType(head)
}
