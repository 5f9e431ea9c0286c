package rest

import (
	"context"
	"net/http"
)

// get reads the one item of an id: GET path/{id}.
func get[T any](ctx context.Context, c *Client, path, what, id string) (*T, error) {
	path, err := join(path, what, id)
	if err != nil {
		return nil, err
	}
	return call[T](ctx, c, request{method: http.MethodGet, path: path})
}

// patch changes the one item of an id: PATCH path/{id}.
func (c *Client) patch(ctx context.Context, path, what, id string, body any) error {
	path, err := join(path, what, id)
	if err != nil {
		return err
	}
	return c.do(ctx, request{method: http.MethodPatch, path: path, body: body})
}

// remove deletes the one item of an id: DELETE path/{id}.
func (c *Client) remove(ctx context.Context, path, what, id string) error {
	path, err := join(path, what, id)
	if err != nil {
		return err
	}
	return c.do(ctx, request{method: http.MethodDelete, path: path})
}
