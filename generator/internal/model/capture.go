package model

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// capture is one row of the table of captures: what a directive key becomes in the generated code.
type capture struct {
	key    string // the directive's; one that ends in a dot stands for a family
	call   string // the function of the runtime, or the method of the span
	method bool
	words  bool // a value that names no parameter or result stands for itself
	many   bool // the value is a list
	when   moment
	want   want
}

// moment says when a captured expression is evaluated.
type moment int

const (
	asNeeded   moment = iota // before the call, unless it names a result
	beforeCall               // always: the callee may change its arguments
	afterCall                // always
	inEach                   // for each element of a stream
	inDone                   // when the stream is over
)

// want is the type that a captured expression must have.
type want int

const (
	wantAny    want = iota
	wantString      // the type string; another one with that underlying type is converted
	wantText        // any type that is a string
	wantNumber      // an integer or a float
	wantFields      // a struct or a map, or a pointer to one
	wantError       // an error
	wantBool
)

// captures is the table, in the order in which the lines are written.
var captures = []*capture{
	{key: "name", call: "SetName", method: true, words: true, want: wantString},
	{key: "thread_id", call: "CaptureThreadID", want: wantText},
	{key: "tags", call: "AddTags", method: true, words: true, many: true, want: wantString},
	providerCapture,
	chosenProvider,
	{key: "metadata.", call: "CaptureMetadata", words: true},
	inputCapture,
	redaction,
	outputCapture,
	restCapture,
	{key: "request_model", call: "CaptureModel", when: beforeCall, words: true, want: wantText},
	modelGetter,
	{key: "model", call: "CaptureModel", words: true, want: wantText},
	{key: "usage", call: "CaptureUsageFields", many: true, when: afterCall, want: wantFields},
	{key: "usage.", call: "CaptureUsage", when: afterCall, want: wantNumber},
	{key: "cost", call: "CaptureCost", when: afterCall, want: wantNumber},
	{key: "failed", call: "CaptureFailed", when: afterCall, want: wantBool},
	joinedOutput,
	{key: "stream.error", call: "SetError", method: true, when: inEach, want: wantError},
}

// The rows that captures without a directive take, too.
var (
	providerCapture = &capture{key: "provider", call: "SetProvider", method: true, words: true, want: wantString}
	chosenProvider  = &capture{call: "SetProvider", method: true}
	inputCapture    = &capture{key: "input.", call: "CaptureInput", when: beforeCall}
	outputCapture   = &capture{key: "output.", call: "CaptureOutput", when: afterCall}
	restCapture     = &capture{key: "metadata", call: "CaptureMetadataFields", many: true, want: wantFields}
	modelGetter     = &capture{key: shape.ReceiverModel, call: "CaptureModelOf", when: afterCall}
	redaction       = &capture{call: "RedactInput", method: true, when: beforeCall}
	joinedOutput    = &capture{key: "stream.output.", call: "AppendOutput", when: inEach, want: wantText}
)

// rows and families are the table by its keys.
var rows, families = byKey(captures)

func byKey(table []*capture) (rows map[string]*capture, families []*capture) {
	rows = map[string]*capture{}
	for _, row := range table {
		if strings.HasSuffix(row.key, ".") {
			families = append(families, row)
		} else if row.key != "" {
			rows[row.key] = row
		}
	}
	return rows, families
}

// captureFor finds the row of a directive key, and the user's part of a key that belongs to a family.
func captureFor(key string) (row *capture, rest string) {
	if row := rows[key]; row != nil {
		return row, ""
	}
	for _, row := range families {
		if rest, ok := strings.CutPrefix(key, row.key); ok {
			return row, rest
		}
	}
	return nil, ""
}

// rank is the place of the row in the table. Inputs and redactions share theirs, to stay in the order of the
// parameters.
func (row *capture) rank() int {
	if row == redaction {
		row = inputCapture
	}
	for i := range captures {
		if captures[i] == row {
			return i
		}
	}
	return len(captures)
}

// expectations say what the values must be.
var expectations = map[want]string{
	wantString: "a string", wantText: "a string", wantNumber: "an integer or a float", wantFields: "a struct", wantError: "an error",
	wantBool: "a condition",
}

// refuse says why an expression cannot be captured by this row.
func (row *capture) refuse(e *expr, known *locks) *flaw {
	if row.when == beforeCall && e.usesResult() {
		return &flaw{message: exprText(e.node) + " names a result, but inputs are captured before the call; use output.KEY or metadata.KEY"}
	}
	if found := row.refuseMoment(e); found != nil {
		return found
	}
	if known.holdsLock(e.typ.Type) {
		return &flaw{message: fmt.Sprintf("%s would copy a lock; write &%[1]s", exprText(e.node))}
	}
	expected := expectations[row.want]
	if expected == "" || row.takes(e.typ.Type) {
		return nil
	}
	found := &flaw{message: fmt.Sprintf("%s is of type %s; %s is expected", exprText(e.node), typeText(e.typ.Type), expected)}
	if pointer, ok := e.typ.Type.Underlying().(*types.Pointer); ok && row.takes(pointer.Elem()) {
		found.message += ": write *" + exprText(e.node)
	}
	return found
}

// refuseMoment says why an expression cannot be evaluated when the row is. What becomes of the elements of a stream is
// decided in functions of their own, which hold on to nothing of the call, so that they cost nothing while nothing is
// recorded.
func (row *capture) refuseMoment(e *expr) *flaw {
	switch {
	case e.streamed() && e.usesCall():
		return &flaw{message: exprText(e.node) + " names elements of the stream beside what the call itself has; write an expression for each"}
	case row.when == inEach && e.moment() != inEach:
		return &flaw{message: exprText(e.node) + " names no element; an expression over chunk is expected"}
	default:
		return nil
	}
}

func (row *capture) takes(t types.Type) bool {
	switch row.want {
	case wantAny:
		return true
	case wantFields:
		return hasFields(t)
	case wantError:
		return isError(t)
	default:
		return hasKind(t, row.want.kinds()) || row.spreads(t)
	}
}

// spreads reports whether a value of type t is a list of what the method takes.
func (row *capture) spreads(t types.Type) bool { return row.many && row.method && isStrings(t) }

// hasFields reports whether t is written as an object, or is bytes, which may be the JSON of one.
func hasFields(t types.Type) bool {
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		t = pointer.Elem()
	}
	switch t := t.Underlying().(type) {
	case *types.Struct:
		return true
	case *types.Map:
		return hasKind(t.Key(), types.IsString)
	case *types.Slice:
		return types.Identical(t.Elem(), types.Universe.Lookup("byte").Type())
	default:
		return false
	}
}

// isStrings reports whether t can be handed on as []string.
func isStrings(t types.Type) bool {
	return types.AssignableTo(t, types.NewSlice(types.Typ[types.String]))
}

func (w want) kinds() types.BasicInfo {
	switch w {
	case wantNumber:
		return types.IsInteger | types.IsFloat
	case wantBool:
		return types.IsBoolean
	default:
		return types.IsString
	}
}

// hasKind reports whether t, or everything that a type parameter t may stand for, is one of the basic kinds.
func hasKind(t types.Type, kinds types.BasicInfo) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&kinds != 0
}

// typeText prints a type for a message.
func typeText(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string { return pkg.Name() })
}
