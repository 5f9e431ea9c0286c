package rest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A lineReader reads a stream of JSON documents, one a line, and holds one line at a time.
type lineReader struct {
	source  *bufio.Reader
	longest int64
	line    []byte
}

// newLineReader returns a reader of lines that are no longer than so.
func newLineReader(source io.Reader, longest int64) *lineReader {
	return &lineReader{source: bufio.NewReaderSize(source, 64<<10), longest: longest}
}

// errCutLine says that a stream ends without a line end, unlike a connection that breaks, which is the source's error.
var errCutLine = fmt.Errorf("the last line is cut off: %w", io.ErrUnexpectedEOF)

// next returns the next line that is not blank, which is good until the next call. It ends with io.EOF. A line that
// the end of the stream cuts off is returned with errCutLine: it is whole only if it is a document.
func (l *lineReader) next() ([]byte, error) {
	for {
		line, err := l.read()
		line = bytes.TrimSpace(line)
		switch {
		case len(line) > 0:
			return line, err
		case errors.Is(err, errCutLine): // what was cut off is blank
			return nil, io.EOF
		case err != nil:
			return nil, err
		}
	}
}

// read returns the next line, however long it is.
func (l *lineReader) read() ([]byte, error) {
	l.line = l.line[:0]
	for {
		piece, err := l.source.ReadSlice('\n')
		l.line = append(l.line, piece...)
		if int64(len(l.line)) > l.longest {
			return nil, fmt.Errorf("a line is longer than %d MiB, exclude fields or truncate them: %w", l.longest>>20, ErrTooLarge)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(l.line) > 0:
			return l.line, errCutLine
		default:
			return l.line, err
		}
	}
}
