// Package contexts has tracked functions with and without a context.
package contexts

import (
	"context"
	"net/http"
)

//opik:track
func none(question string) {} // want `tracked none takes no context: its span has no parent and no children; add a parameter ctx context.Context` none:"tracked by noneTracked"

//opik:track
func last(question string, ctx context.Context) {} // want last:".*"

//opik:track
func request(w http.ResponseWriter, r *http.Request) {} // want request:".*"

//opik:track
func value(r http.Request) {} // want `tracked value takes no context` value:".*"

type scope interface {
	context.Context
	User() string
}

//opik:track
func wider(s scope) {} // want wider:".*"

//opik:track
func generic[C context.Context](ctx C) {} // want generic:".*"

type fields struct{ Deadline, Done, Err, Value int }

//opik:track
func alike(f fields) {} // want `tracked alike takes no context` alike:".*"

// A Job is tracked as a whole, but one of its methods has a directive of its own.
//
//opik:track
type Job struct{}

//opik:track name=start
func (j *Job) Start() {} // want `tracked Job.Start takes no context`

func (j *Job) Stop() {}

//opik:track
func root() {} //nolint:opik // want root:".*"
