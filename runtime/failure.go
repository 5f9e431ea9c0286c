package opik

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/runtime/internal/record"
	"github.com/opikgen/opikgen/runtime/internal/value"
)

// Bounds of what is told about a failure.
const (
	maxChain  = 50
	maxFrames = 64
)

// describeAll describes the errors that a call returned, or nil if all are nil.
func (c *Client) describeAll(errs []error) *record.ErrorInfo {
	var failures []error
	for _, err := range errs {
		if err != nil {
			failures = append(failures, err)
		}
	}
	switch len(failures) {
	case 0:
		return nil
	case 1:
		return c.describe(failures[0])
	default:
		return c.describe(errors.Join(failures...))
	}
}

// describe says what is known of an error. The traceback is the chain of errors that it wraps, one a line: an error
// of Go has no stack.
func (c *Client) describe(err error) *record.ErrorInfo {
	told := chain{most: c.maximum}
	told.add(err, 0)
	return c.masked(&record.ErrorInfo{Type: typeOf(err), Message: message(err), Traceback: told.String()})
}

// chain is the text of an error and of all that it wraps, a line each.
type chain struct {
	strings.Builder
	lines int
	most  int // bytes, after which there are no more lines: each may quote the answer of a server in full
}

// add writes err and what it wraps, indented where that is several errors.
func (c *chain) add(err error, depth int) {
	defer func() { _ = recover() }() // an Unwrap may panic as an Error may
	for err != nil && c.lines < maxChain && c.Len() <= c.most {
		if c.lines++; c.lines > 1 {
			c.WriteByte('\n')
		}
		fmt.Fprintf(c, "%s%T: %s", strings.Repeat("  ", depth), err, message(err))
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			c.addAll(several.Unwrap(), depth+1)
		}
		err = errors.Unwrap(err) // nil of one that wraps several
	}
}

func (c *chain) addAll(errs []error, depth int) {
	for _, err := range errs {
		c.add(err, depth)
	}
}

// typeOf returns the type of the error that says most about what went wrong: not one that only adds words.
func typeOf(err error) (name string) {
	defer func() {
		if recover() != nil {
			name = fmt.Sprintf("%T", err)
		}
	}()
	for range maxChain {
		inner := plainCause(err)
		if inner == nil {
			break
		}
		err = inner
	}
	return fmt.Sprintf("%T", err)
}

// plainCause returns what err wraps if err comes from fmt.Errorf or errors.Join, else nil.
func plainCause(err error) error {
	switch fmt.Sprintf("%T", err) {
	case "*fmt.wrapError":
		return errors.Unwrap(err)
	case "*fmt.wrapErrors", "*errors.joinError":
		if all := err.(interface{ Unwrap() []error }).Unwrap(); len(all) > 0 {
			return all[0]
		}
	}
	return nil
}

// message returns the message of an error whose Error method may panic, as that of a nil pointer often does.
func message(err error) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("[%T: Error panicked: %v]", err, v)
		}
	}()
	return err.Error()
}

// describePanic says what is known of a panic while it is going on.
func (c *Client) describePanic(v any) *record.ErrorInfo {
	info := &record.ErrorInfo{Type: "panic", Message: fmt.Sprint(v), Traceback: stack()}
	if err, ok := v.(error); ok {
		info.Type, info.Message = typeOf(err), message(err)
	}
	return c.masked(info)
}

// describeGoexit says that a goroutine was ended in the middle of a call.
func (c *Client) describeGoexit() *record.ErrorInfo {
	return c.masked(&record.ErrorInfo{
		Type:      "runtime.Goexit",
		Message:   "the goroutine exited before the call returned",
		Traceback: stack(),
	})
}

// stack returns the frames of the code that panicked or exited, which are still there while deferred functions run.
func stack() string {
	var pcs [maxFrames]uintptr
	callers := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	var frames []runtime.Frame
	for more := true; more; {
		var frame runtime.Frame
		frame, more = callers.Next()
		frames = append(frames, frame)
	}
	var b strings.Builder
	for _, frame := range raising(frames) {
		if !strings.HasPrefix(frame.Function, "runtime.") {
			fmt.Fprintf(&b, "%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// raising returns the frames below the End that is running, and below the Ends of inner spans that raised the same
// panic again.
func raising(frames []runtime.Frame) []runtime.Frame {
	for len(frames) > 0 && strings.HasPrefix(frames[0].Function, packagePath+".") {
		raised := slices.IndexFunc(frames, func(f runtime.Frame) bool {
			return f.Function == "runtime.gopanic" || f.Function == "runtime.Goexit"
		})
		if raised < 0 {
			return frames
		}
		frames = frames[raised+1:]
	}
	return frames
}

const packagePath = "github.com/opikgen/opikgen/runtime"

// masked lets the mask see the texts of a failure, which may quote the values that caused it.
func (c *Client) masked(info *record.ErrorInfo) *record.ErrorInfo {
	info.Message = c.maskText("error.message", value.Cut(info.Message, c.maximum))
	info.Traceback = c.maskText("error.traceback", value.Cut(info.Traceback, c.maximum))
	return info
}
