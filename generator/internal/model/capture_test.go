package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/opikgen/opikgen/generator/internal/model"
)

// types is what the tables below choose from.
const declarations = `
import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

type (
	Service interface{ Do() }
	Client  struct{ service Service; HTTP *http.Client }
	Request struct{ Model string; Service Service; Next *Request; Items []Item; Map map[string]*Item; Any any; private *Item }
	Item    struct{ Name string; Price float64; Count *int; Get func() *Item }
	Loop    struct{ Loop *Loop }
	Secret  struct { _ int ` + "`opik:\"-\"`" + `; Value string }
	Partly  struct { Password string ` + "`opik:\"-\"`" + `; Name string }
	Text    struct{ a int }
	Number  interface{ ~int | ~float64 }
)

func (Text) MarshalText() ([]byte, error) { return nil, nil }

func (i *Item) Label() string { return "" }

var _ context.Context
var _ fmt.Stringer
var _ io.Reader
var _ time.Time
`

func TestDefaultCapturesAreData(t *testing.T) {
	data := []string{
		"string", "[]byte", "*int", "any", "error", "fmt.Stringer", "time.Time", "*time.Duration", "map[string]any", "[3]Item",
		"Request", "[]*Request", "map[string]Request", "Text", "*Text", "Partly", "struct{ A int }", "...Item", "interface{ error; String() string }",
	}
	machinery := []string{
		"context.Context", "*http.Request", "http.Header", "io.Reader", "io.ReadCloser", "func()", "chan int", "<-chan Request",
		"[]func()", "map[string]chan int", "Service", "[]Service", "Client", "*Client", "Loop", "Secret", "*Secret", "struct{}",
		"struct{ f func() }", "...Service", "http.ResponseWriter", "interface{ Do() }",
	}
	assert.Equal(t, data, captured(t, data), "what is data")
	assert.Empty(t, captured(t, machinery), "what is none")
}

// captured returns those of the types whose values are captured when nothing is said.
func captured(t *testing.T, types []string) []string {
	t.Helper()
	var source strings.Builder
	source.WriteString(declarations)
	for i, typ := range types {
		fmt.Fprintf(&source, "\n//opik:track\nfunc f%d(ctx context.Context, p %s) {}\n", i, typ)
	}
	byTarget := calls(build(t, source.String()))
	var found []string
	for i, typ := range types {
		if len(byTarget[fmt.Sprintf("f%d", i)].Span.Before) > 0 {
			found = append(found, typ)
		}
	}
	return found
}

func TestParametersGetNamesThatAPersonWouldPick(t *testing.T) {
	names := map[string]string{
		"string": "s", "int": "n", "uint8": "n", "bool": "b", "float64": "f", "complex128": "c", "uintptr": "n",
		"chan int": "intCh", "<-chan *Request": "requestCh", "context.Context": "ctx", "error": "err", "*Request": "request",
		"[]string": "strings", "[]byte": "bytes", "...Item": "items", "[2]Service": "services", "[][]int": "intLists",
		"map[string]int": "stringToInt", "map[string]*Item": "stringToItem", "func()": "fn", "[]func()": "funcs",
		"any": "value", "struct{}": "value", "interface{ Do() }": "value", "*http.Request": "request",
		"http.ResponseWriter": "responseWriter", "time.Time": "t", "[]time.Time": "times", "HTTPClient": "httpClient", "URL": "url",
		"IDs": "ids", "Query": "query", "[]Query": "queries", "[]Box": "boxes", "Type": "type2", "[]Key": "keys", "[]Address": "addresses",
	}
	var source strings.Builder
	source.WriteString(declarations + "\ntype HTTPClient int\ntype URL int\ntype IDs []int\ntype Query int\ntype Box int\ntype Type int\ntype Key int\ntype Address int\n")
	var types []string
	for typ := range names {
		fmt.Fprintf(&source, "\n//opik:track\nfunc f%d(%s) {}\n", len(types), typ)
		types = append(types, typ)
	}
	byTarget := calls(build(t, source.String()))
	for i, typ := range types {
		assert.Equal(t, names[typ], byTarget[fmt.Sprintf("f%d", i)].Params[0].Name, typ)
	}
}

func TestGuardsFollowTheTypes(t *testing.T) {
	guards := map[string]string{
		"n":                               "",
		"req.Model":                       "req != nil",
		"req.Next.Next.Model":             "req != nil && req.Next != nil && req.Next.Next != nil",
		"req.Items[0].Name":               "req != nil && len(req.Items) > 0",
		"req.Items[2].Count":              "req != nil && len(req.Items) > 2",
		"*req.Items[0].Count":             "req != nil && len(req.Items) > 0 && req.Items[0].Count != nil",
		`req.Map["a"]`:                    "req != nil",
		`req.Map["a"].Name`:               `req != nil && req.Map["a"] != nil`,
		"req.Items[n].Name":               "req != nil && n >= 0 && n < len(req.Items)",
		"req.Items[len(req.Items)-1]":     "req != nil && len(req.Items) > 0",
		"req.Items[len(req.Items)-2]":     "req != nil && len(req.Items) > 1",
		"req.Items[1:3]":                  "req != nil && len(req.Items) >= 3",
		"req.Model[:4]":                   "req != nil && len(req.Model) >= 4",
		"item.Label()":                    "",
		"req.private.Label()":             "req != nil && req.private != nil",
		"item.Get().Name":                 "item.Get != nil && item.Get() != nil",
		"s.String()":                      "s != nil",
		"fmt.Sprint(req.Model, s)":        "req != nil",
		"n / m":                           "m != 0",
		"n % (m + 1)":                     "(m + 1) != 0",
		"n / 2":                           "",
		"item.Price / 0.5":                "",
		"array[1]":                        "",
		"array[n]":                        "n >= 0 && n < len(array)",
		"pointer[1]":                      "pointer != nil",
		"(*pointer)[1]":                   "pointer != nil",
		"len(pointer)":                    "",
		"[]string{req.Model}":             "req != nil",
		"Item{Name: req.Model}.Name":      "req != nil",
		"(&item).Name":                    "",
		"req != nil && req.Model == \"\"": "req != nil",
		"f(req.Next)":                     "req != nil && f != nil",
		"string(req.Model)":               "req != nil",
	}
	var source strings.Builder
	source.WriteString(declarations)
	var expressions []string
	for expression := range guards {
		fmt.Fprintf(&source, "\n//opik:track input.x=%q\nfunc f%d(req *Request, item Item, s fmt.Stringer, n, m int, array [3]int, pointer *[3]int, f func(*Request) int) {}\n",
			expression, len(expressions))
		expressions = append(expressions, expression)
	}
	byTarget := calls(build(t, source.String()))
	for i, expression := range expressions {
		captures := byTarget[fmt.Sprintf("f%d", i)].Span.Before
		require.Len(t, captures, 1)
		assert.Equal(t, guards[expression], captures[0].Guard, expression)
	}
}

func TestMethodDirectivesGoOverTheTypes(t *testing.T) {
	byTarget := calls(build(t, declarations+`
//opik:track type=llm tags=a,b model=req.Model provider=x metadata.team=one redact=key
type Client2 interface {
	//opik:track type=tool tags=c metadata.kind=two capture_output=false
	Do(req Request, key string) string
	Other(req *Request) (string, error)
	Plain()
}
`))
	do, other, plain := byTarget["Client2.Do"].Span, byTarget["Client2.Other"].Span, byTarget["Client2.Plain"].Span
	assert.Equal(t, "TypeTool", do.Type)
	assert.Equal(t, []string{
		`AddTags "c"`, `SetProvider "x"`, "SetProvider t.provider", `CaptureMetadata "team" "one"`, `CaptureMetadata "kind" "two"`,
		`CaptureInput "req" req`, `RedactInput "key"`, `CaptureModel req.Model`,
	}, lines(do.Before))
	assert.Empty(t, do.After)
	assert.Equal(t, []string{
		`AddTags "a" "b"`, `SetProvider "x"`, "SetProvider t.provider", `CaptureMetadata "team" "one"`, `CaptureInput "req" req`, `CaptureModel req.Model if req != nil`,
	}, lines(other.Before))
	assert.Equal(t, []string{`CaptureOutput "output" output`}, lines(other.After))
	assert.Equal(t, []string{`AddTags "a" "b"`, `SetProvider "x"`, "SetProvider t.provider", `CaptureMetadata "team" "one"`}, lines(plain.Before))
}

func TestWordsAndExpressions(t *testing.T) {
	values := map[string]string{
		"gpt-4o":                 `CaptureModel "gpt-4o"`,
		"text-embedding-3-small": `CaptureModel "text-embedding-3-small"`,
		"text-dash":              `CaptureModel "text-dash"`,
		"models/x:latest":        `CaptureModel "models/x:latest"`,
		"text":                   "CaptureModel text",
		"req.Model":              "CaptureModel req.Model if req != nil",
		"text + dash":            `CaptureModel "text + dash"`,
		"text + text":            "CaptureModel text + text",
		`"text"`:                 `CaptureModel "text"`,
		"`text`":                 "CaptureModel `text`",
		"other.model":            `CaptureModel "other.model"`,
		`"other.Model"`:          `CaptureModel "other.Model"`,
		"string(text)":           "CaptureModel string(text)",
	}
	var source strings.Builder
	source.WriteString(declarations)
	var words []string
	for value := range values {
		fmt.Fprintf(&source, "\n//opik:track capture_input=false model=%q\nfunc f%d(text string, req *Request) {}\n", value, len(words))
		words = append(words, value)
	}
	byTarget := calls(build(t, source.String()))
	for i, value := range words {
		assert.Equal(t, []string{values[value]}, lines(byTarget[fmt.Sprintf("f%d", i)].Span.Before), value)
	}
}

func TestResultsDecideWhenAnExpressionIsEvaluated(t *testing.T) {
	span := calls(build(t, declarations+`
//opik:track model=resp.Name metadata.in=n metadata.out=output1.Name metadata.both="n + output2" output.n=n usage.n=n thread_id=s
func f(n int, s string) (Item, int, error) { return Item{}, 0, nil }
`))["f"].Span
	assert.Equal(t, []string{
		`CaptureThreadID s`, `CaptureMetadata "in" n`, `CaptureInput "n" n`, `CaptureInput "s" s`,
	}, lines(span.Before))
	assert.Equal(t, []string{
		`CaptureMetadata "out" output1.Name`, `CaptureMetadata "both" n + output2`, `CaptureOutput "n" n`,
		`CaptureModel output1.Name`, `CaptureUsage "n" n`,
	}, lines(span.After))
}

func TestPackageNameIsEmptyForTheOwnPackage(t *testing.T) {
	pkg := loadSource(t, `
import "net/url"

//opik:track
func f(u *url.URL) {}
`)
	file, _ := model.Build(pkg, model.Defaults{})
	assert.Empty(t, file.PackageName(pkg.Types))
	assert.Empty(t, file.PackageName(nil))
	for _, imported := range pkg.Types.Imports() {
		assert.Equal(t, "url", file.PackageName(imported))
	}
}
