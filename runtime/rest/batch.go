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

// toSend returns what is sent of all items, unless Opik would refuse one.
func toSend[T interface {
	sent(project string) (T, error)
}](items []T, project string) (rows []T, err error) {
	rows = make([]T, len(items))
	for i, item := range items {
		if rows[i], err = item.sent(project); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// deleteMany deletes items by id, a thousand with each request.
func (c *Client) deleteMany(ctx context.Context, path, what string, ids []string) error {
	return inBatches(what, ids, func(batch []string) error {
		body := map[string]any{"ids": batch}
		return c.do(ctx, request{method: http.MethodPost, path: path, body: body, repeatable: true})
	})
}

// updateMany changes items by id in the same way, a thousand with each request.
func (c *Client) updateMany(ctx context.Context, entity Entity, ids []string, update any) error {
	return inBatches(string(entity), ids, func(batch []string) error {
		body := map[string]any{"ids": batch, "update": update}
		return c.do(ctx, request{method: http.MethodPatch, path: paths[entity] + "/batch", body: body})
	})
}

// inBatches calls send with a thousand ids after the other. It checks all of them before anything is sent.
func inBatches(what string, ids []string, send func(batch []string) error) error {
	for _, id := range ids {
		if err := checkID(what, id); err != nil {
			return err
		}
	}
	done := 0
	for batch := range slices.Chunk(ids, longestBatch) {
		if err := send(batch); err != nil {
			return partly(err, done, len(ids))
		}
		done += len(batch)
	}
	return nil
}
