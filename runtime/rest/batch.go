package rest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
)

// Opik takes so many items at once, and rejects them all if one is wrong. Requests stay well below the size that
// proxies in front of it take, unless a single item is larger.
const (
	longestBatch = 1000
	largestBatch = 16 << 20
)

// sendBatches sends items in requests of as many as go, in order: {"name": [items]}.
func sendBatches[T any](ctx context.Context, c *Client, r request, name string, items []T) error {
	r.repeatable = true
	for sent := 0; sent < len(items); {
		batch, err := fitting(items[sent:])
		if err != nil {
			return fmt.Errorf("item %d of %d cannot be encoded: %w", sent+len(batch)+1, len(items), err)
		}
		r.body = document(name, batch)
		if err := c.do(ctx, r); err != nil {
			return partly(err, sent, len(items))
		}
		sent += len(batch)
	}
	return nil
}

// fitting encodes as many items as go into a request, and one at least.
func fitting[T any](items []T) (batch [][]byte, err error) {
	size := 0
	for _, item := range items[:min(len(items), longestBatch)] {
		row, err := encodeJSON(item)
		if err != nil {
			return batch, err
		}
		if size += len(row); size > largestBatch && len(batch) > 0 {
			break
		}
		batch = append(batch, row)
	}
	return batch, nil
}

// An encoded body is JSON already.
type encoded []byte

// document puts encoded items under a name.
func document(name string, items [][]byte) encoded {
	return slices.Concat([]byte(`{"`+name+`":[`), bytes.Join(items, []byte(",")), []byte("]}"))
}

// partly says how much was done before an error.
func partly(err error, done, all int) error {
	if done == 0 {
		return err
	}
	return fmt.Errorf("%d of %d items were sent, then: %w", done, all, err)
}

// deleteMany deletes items by id, a thousand with each request.
func (c *Client) deleteMany(ctx context.Context, path, what string, ids []string) error {
	if err := checkIDs(what, ids); err != nil {
		return err
	}
	done := 0
	for chunk := range slices.Chunk(ids, longestBatch) {
		r := request{method: http.MethodPost, path: path, body: map[string]any{"ids": chunk}, repeatable: true}
		if err := c.do(ctx, r); err != nil {
			return partly(err, done, len(ids))
		}
		done += len(chunk)
	}
	return nil
}

// updateMany changes items by id in the same way, a thousand with each request.
func (c *Client) updateMany(ctx context.Context, entity Entity, ids []string, update any) error {
	path, err := entity.path()
	if err != nil {
		return err
	}
	if err := checkIDs(string(entity), ids); err != nil {
		return err
	}
	done := 0
	for chunk := range slices.Chunk(ids, longestBatch) {
		body := map[string]any{"ids": chunk, "update": update}
		if err := c.do(ctx, request{method: http.MethodPatch, path: path + "/batch", body: body}); err != nil {
			return partly(err, done, len(ids))
		}
		done += len(chunk)
	}
	return nil
}

// checkIDs checks all ids before anything is sent.
func checkIDs(what string, ids []string) error {
	for _, id := range ids {
		if err := checkID(what, id); err != nil {
			return err
		}
	}
	return nil
}
