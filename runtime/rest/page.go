package rest

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// A Page is a part of a list.
type Page[T any] struct {
	Page       int      `json:"page"` // from 1
	Size       int      `json:"size"` // how many items there are in Content
	Total      int64    `json:"total"`
	Content    []T      `json:"content"`
	SortableBy []string `json:"sortableBy"`
}

// listPage asks for one page of a query.
func listPage[T any](ctx context.Context, c *Client, entity Entity, q Query) (*Page[T], error) {
	values, err := q.list(c, entity)
	if err != nil {
		return nil, err
	}
	return call[Page[T]](ctx, c, request{method: http.MethodGet, path: paths[entity], query: values})
}

// listAll asks for one page of a query after the other.
func listAll[T any](ctx context.Context, c *Client, entity Entity, q Query) iter.Seq2[T, error] {
	values, err := q.list(c, entity)
	if err != nil {
		return fail[T](err)
	}
	return pages[T](ctx, c, paths[entity], values)
}

// pages yields what is on the page that values ask for, and on those behind it.
func pages[T any](ctx context.Context, c *Client, path string, values url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		first, _ := strconv.Atoi(values.Get("page"))
		size, _ := strconv.Atoi(values.Get("size"))
		seen := int64(first-1) * int64(size)
		for number := first; ; number++ {
			page, err := call[Page[T]](ctx, c, request{method: http.MethodGet, path: path, query: numbered(values, number)})
			if err != nil {
				fail[T](err)(yield)
				return
			}
			seen += int64(len(page.Content))
			if !yieldAll(page.Content, yield) || page.last(seen, size) {
				return
			}
		}
	}
}

// last reports whether there is nothing behind the page: a server may give fewer items at once than it was asked for, so
// that the total decides if it is said. An empty page is the last in any case.
func (p *Page[T]) last(seen int64, size int) bool {
	if p.Total > 0 && len(p.Content) > 0 {
		return seen >= p.Total
	}
	return len(p.Content) < size
}

// numbered returns values that ask for another page.
func numbered(values url.Values, number int) url.Values {
	numbered := url.Values{}
	for name, value := range values {
		numbered[name] = value
	}
	numbered.Set("page", strconv.Itoa(number))
	return numbered
}

// yieldAll yields items until the loop is left.
func yieldAll[T any](items []T, yield func(T, error) bool) bool {
	for _, item := range items {
		if !yield(item, nil) {
			return false
		}
	}
	return true
}

// fail yields an error and nothing else.
func fail[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}
