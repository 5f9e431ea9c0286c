package rest

import (
	"errors"
	"io"
)

// SetLongest makes a client refuse answers that are longer, so that tests need not hold 128 MiB.
func SetLongest(c *Client, size int64) { c.longest = size }

// Lines returns all lines of a stream, and what ended it. A line that was cut off comes last, as cut.
func Lines(source io.Reader, longest int64) (lines []string, cut string, err error) {
	reader := newLineReader(source, longest)
	for {
		line, err := reader.next()
		switch {
		case errors.Is(err, io.EOF):
			return lines, "", nil
		case err != nil:
			return lines, string(line), err
		}
		lines = append(lines, string(line))
	}
}

// CheckQuery checks the filters of a query as every method does before it sends them.
func CheckQuery(entity Entity, q Query) error {
	_, err := q.filters(entity)
	return err
}

// WireFilters returns the filters of a query as they are sent.
func WireFilters(entity Entity, q Query) ([]string, error) {
	filters, err := q.filters(entity)
	var texts []string
	for _, filter := range filters {
		text, err := encodeJSON(filter)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	return texts, err
}
