package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A corpus is a module to generate for.
type corpus struct {
	name       string
	packages   int
	interfaces int  // in each package
	sdk        bool // they are over openai-go; else they need context alone
	directive  string
	dir        string // once it is written
}

const track = "//opik:track type=llm"

// corpora returns the modules, small ones first.
func corpora() []*corpus {
	return []*corpus{
		{name: "nothing annotated", packages: 50, interfaces: 4, sdk: true, directive: "//"},
		{name: "one small package", packages: 1, interfaces: 1, directive: track},
		{name: "one package over openai-go", packages: 1, interfaces: 1, sdk: true, directive: track},
		{name: "50 packages of 4 interfaces over openai-go", packages: 50, interfaces: 4, sdk: true, directive: track},
	}
}

func (c *corpus) packageDir(i int) string { return filepath.Join(c.dir, packageName(i)) }

func packageName(i int) string { return fmt.Sprintf("p%02d", i) }

func interfaceName(i int) string { return fmt.Sprintf("Model%d", i) }

// write makes the module in a new folder below dir. root is where opikgen's own module lies.
func (c *corpus) write(ctx context.Context, dir, root string) error {
	c.dir = filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-"))
	files := map[string]string{
		"go.mod": "module example.com/corpus\n\ngo 1.26.0\n\nrequire github.com/openai/openai-go/v3 v3.95.0\n\n" +
			"require github.com/opikgen/opikgen v0.0.0\n\nreplace github.com/opikgen/opikgen => " + root + "\n",
		"deps/deps.go":       dependencies,
		".mockery.yml":       mockeryConfig,
		"gowrap.go.template": gowrapTemplate,
	}
	for name, content := range files {
		if err := writeFile(filepath.Join(c.dir, name), content); err != nil {
			return err
		}
	}
	if err := c.writeSources(0); err != nil {
		return err
	}
	_, err := execute(ctx, command{dir: c.dir, args: []string{"go", "mod", "tidy"}})
	return err
}

// dependencies are what the outputs of the tools import. The tag keeps the package out of everything but the module's
// requirements.
const dependencies = `//go:build dependencies

package deps

import (
	_ "github.com/openai/openai-go/v3"
	_ "github.com/opikgen/opikgen/runtime"
	_ "github.com/stretchr/testify/mock"
)
`

// mockeryConfig asks for the same as the other tools write: a file beside the sources.
const mockeryConfig = `all: true
force-file-write: true
dir: "{{.InterfaceDir}}"
filename: mocks_gen.go
pkgname: "{{.SrcPackageName}}"
packages:
  example.com/corpus:
    config:
      recursive: true
`

const gowrapTemplate = `{{ $decorator := printf "%sTraced" .Interface.Name }}
type {{$decorator}} struct { inner {{.Interface.Type}} }
{{range $method := .Interface.Methods}}
func (d {{$decorator}}) {{$method.Declaration}} { {{$method.Pass "d.inner."}} }
{{end}}
`

// writeSources writes the packages, a chain in which each imports the one before. Sources of another edition compile
// to something else.
func (c *corpus) writeSources(edition int) error {
	for i := range c.packages {
		if err := writeFile(filepath.Join(c.packageDir(i), "model.go"), c.source(i, edition)); err != nil {
			return err
		}
	}
	return nil
}

func (c *corpus) source(i, edition int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport (\n\t\"context\"\n", packageName(i))
	if i > 0 {
		fmt.Fprintf(&b, "\n\t\"example.com/corpus/%s\"\n", packageName(i-1))
	}
	method := "Complete(ctx context.Context, prompt string) (string, error)"
	if c.sdk {
		b.WriteString("\n\t\"github.com/openai/openai-go/v3\"\n")
		method = "Complete(ctx context.Context, params openai.ChatCompletionNewParams) (*openai.ChatCompletion, error)"
	}
	fmt.Fprintf(&b, ")\n\nconst Edition = %d\n", edition)
	if i > 0 {
		fmt.Fprintf(&b, "\ntype Before = %s.%s\n", packageName(i-1), interfaceName(0))
	}
	for j := range c.interfaces {
		fmt.Fprintf(&b, "\n// %[1]s completes.\n//\n%[2]s\ntype %[1]s interface {\n\t%[3]s\n\tEdition%[4]d(ctx context.Context) error\n}\n",
			interfaceName(j), c.directive, method, edition)
	}
	return b.String()
}

// outputs returns the files that a tool has written.
func (c *corpus) outputs(t tool) ([]string, error) {
	if t.output == "" {
		return nil, nil
	}
	return filepath.Glob(filepath.Join(c.dir, "p*", t.output))
}

// deleteOutputs removes what a tool has written.
func (c *corpus) deleteOutputs(t tool) error {
	paths, err := c.outputs(t)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// changeOutputs changes what a tool has written, to something that no build cache has seen.
func (c *corpus) changeOutputs(t tool, edition int) error {
	paths, err := c.outputs(t)
	if err != nil {
		return err
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		changed := bytes.TrimSuffix(content, []byte("\n"))
		if err := writeFile(path, fmt.Sprintf("%s\n\nconst changed%d = %[2]d\n", changed, edition)); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}
