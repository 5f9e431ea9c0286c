package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
)

// identified is what a stream carries. The id is where the next page of a search begins.
type identified[T any] interface {
	*T
	cursor() string
}

func (s *Span) cursor() string   { return s.ID }
func (t *Trace) cursor() string  { return t.ID }
func (t *Thread) cursor() string { return t.ModelID }

// search yields everything that a query means.
func search[T any, P identified[T]](ctx context.Context, c *Client, entity Entity, q Query) iter.Seq2[T, error] {
	body, err := q.search(c, entity)
	if err != nil {
		return fail[T](err)
	}
	r := request{method: http.MethodPost, path: paths[entity] + "/search", repeatable: true}
	return func(yield func(T, error) bool) {
		s := &searching[T, P]{client: c, request: r, entity: entity, body: body, yield: yield}
		for s.page(ctx) {
		}
		if s.err != nil {
			fail[T](s.err)(yield)
		}
	}
}

// A searching is a search under way.
type searching[T any, P identified[T]] struct {
	client  *Client
	request request
	entity  Entity
	body    searchBody
	yield   func(T, error) bool

	total int   // how many were yielded
	err   error // ends the search
}

// page yields one page, and reports whether there may be another.
func (s *searching[T, P]) page(ctx context.Context) (more bool) {
	s.request.body = s.body
	response, err := s.client.send(ctx, s.request)
	if err != nil {
		s.err = err
		return false
	}
	defer func() { _ = response.Body.Close() }()
	before, last, left := s.total, "", false
	lines := newLineReader(response.Body, s.client.longest)
	for !left {
		item, err := s.next(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.err = s.located(err)
			return false
		}
		s.total++
		last, left = item.cursor(), !s.yield(*item, nil)
	}
	return !left && s.total-before >= s.body.Limit && s.goOn(last)
}

// goOn makes the next page begin behind the last item, and finds servers that would go round in circles.
func (s *searching[T, P]) goOn(last string) bool {
	if last == "" || last == s.body.LastID+s.body.LastModelID {
		s.err = fmt.Errorf("the search ends after %d items: the id of the last, %q, leads no further", s.total, last)
		return false
	}
	s.body.goOn(s.entity, last)
	return true
}

// next reads the next item.
func (s *searching[T, P]) next(lines *lineReader) (P, error) {
	line, err := lines.next()
	if whole := errors.Is(err, errCutLine) && json.Valid(line); err != nil && !whole {
		return nil, err
	}
	item := P(new(T))
	if err := json.Unmarshal(line, item); err != nil {
		return nil, fmt.Errorf("a line is no %s: %w", s.entity, err)
	}
	if item.cursor() != "" {
		return item, nil
	}
	return item, s.fault(line)
}

// fault returns the error that a line without an id is. Opik writes it into the stream, behind a status that says
// that all is well.
func (s *searching[T, P]) fault(line []byte) error {
	var said fault
	if err := json.Unmarshal(line, &said); err != nil || said.Code == 0 && len(said.Errors) == 0 {
		return nil
	}
	if said.Code == 0 {
		said.Code = http.StatusInternalServerError
	}
	messages := s.client.concealed(said.messages())
	return &Error{Method: s.request.method, Path: s.request.path, Status: said.Code, Messages: messages}
}

// located says how far the search had come.
func (s *searching[T, P]) located(err error) error {
	return fmt.Errorf("the search breaks off after %d items: %w", s.total, s.client.scrub(err))
}
