package directive

import (
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// TargetType splits the target of a [Wrap] into the import path and the type's name. Type arguments belong to neither.
func (d Directive) TargetType() (path, name string) {
	target, _, _ := strings.Cut(d.Target, "[")
	dot := strings.LastIndexByte(target, '.')
	if dot < 0 {
		return "", target
	}
	return target[:dot], target[dot+1:]
}

// HasTypeArguments reports whether the target of a [Wrap] is an instance of a generic type.
func (d Directive) HasTypeArguments() bool { return strings.Contains(d.Target, "[") }

// qualified matches the name of a type behind its package: by an import path, as in example.com/shop.Order, or by the
// name that a file gives to an import.
var qualified = regexp.MustCompile(`[\pL_][\pL\pN_.~-]*(?:/[\pL\pN_.~-]+)*\.[\pL_][\pL\pN_]*`)

// TargetPackages returns what stands before the names of types in the target of a [Wrap] and its type arguments: import
// paths, or names of imports, sorted.
func (d Directive) TargetPackages() []string {
	var packages []string
	for _, match := range qualified.FindAllString(d.Target, -1) {
		packages = append(packages, match[:strings.LastIndexByte(match, '.')])
	}
	slices.Sort(packages)
	return slices.Compact(packages)
}

// TargetExpr parses the target of a [Wrap] as Go. rename says what each of the [Directive.TargetPackages] is called there.
func (d Directive) TargetExpr(rename func(pkg string) string) (ast.Expr, error) {
	return goparser.ParseExpr(qualified.ReplaceAllStringFunc(d.Target, func(match string) string {
		dot := strings.LastIndexByte(match, '.')
		return rename(match[:dot]) + match[dot:]
	}))
}

// faultyTarget says what is wrong with the target of a wrap directive, or nothing.
func faultyTarget(target string) string {
	d := Directive{Target: target}
	path, name := d.TargetType()
	switch {
	case path == "" && token.IsIdentifier(name):
		return fmt.Sprintf("%s has no import path: write import/path.%s, or %strack over a type of this package", name, name, prefix)
	case strings.ContainsAny(path+name, "*()"):
		return target + " is not a type's name: write import/path.Type, without a star; its pointer is what gets wrapped"
	case path == "" || !token.IsIdentifier(name) || !isImportPath(path):
		return target + " is not a type of a package: write import/path.Type, such as io.ReadWriteCloser"
	case d.HasTypeArguments():
		return d.faultyTypeArguments()
	}
	return ""
}

// isImportPath reports whether a path can be asked the go command about: it is no relative one, no wildcard and no query.
func isImportPath(path string) bool {
	return !strings.ContainsAny(path, " \t\"'`[]{}\\=@") && !strings.Contains(path, "..") && !strings.HasPrefix(path, ".") &&
		!strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "-")
}

// faultyTypeArguments says what is wrong with the type arguments of a target, or nothing. Whether they are types, and
// fit, is known where the type is.
func (d Directive) faultyTypeArguments() string {
	expr, err := d.TargetExpr(func(string) string { return "p" })
	if err == nil {
		switch expr.(type) {
		case *ast.IndexExpr, *ast.IndexListExpr:
			return ""
		}
	}
	return d.Target + " has type arguments that are not Go: write import/path.Type[string, *other/path.Type]"
}
