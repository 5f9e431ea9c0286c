package model

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"github.com/opikgen/opikgen/generator/internal/load"
)

// lengths spells the lengths of arrays as the source does: the name of a constant says more than its value, which may
// not be the same on all platforms.
type lengths struct {
	pkg   *load.Package
	exprs map[*types.Array]ast.Expr // of the array types that the package's declarations write
}

func newLengths(pkg *load.Package) lengths {
	l := lengths{pkg: pkg, exprs: map[*types.Array]ast.Expr{}}
	for expr, value := range pkg.Info.Types {
		literal, isLiteral := expr.(*ast.ArrayType)
		array, isArray := value.Type.(*types.Array)
		if isLiteral && isArray {
			l.exprs[array] = literal.Len
		}
	}
	return l
}

// spell writes the length of an array. qualify is asked what the generated file calls a package. Where the source is
// another package's, or says something that cannot be repeated elsewhere, it is the number.
func (l lengths) spell(array *types.Array, qualify func(*types.Package) string) string {
	if expr, ok := l.exprs[array]; ok {
		if text, ok := l.expr(expr, qualify); ok {
			return text
		}
	}
	return strconv.FormatInt(array.Len(), 10)
}

// packages returns the packages that the length of an array names.
func (l lengths) packages(array *types.Array) []*types.Package {
	var named []*types.Package
	l.spell(array, func(pkg *types.Package) string {
		named = append(named, pkg)
		return pkg.Name()
	})
	return named
}

// expr writes a constant expression of literals, names, operators, conversions and builtin functions.
func (l lengths) expr(expr ast.Expr, qualify func(*types.Package) string) (text string, ok bool) {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		return expr.Value, true
	case *ast.Ident:
		return l.object(l.pkg.Info.Uses[expr], qualify)
	case *ast.SelectorExpr:
		return l.object(l.pkg.Info.Uses[expr.Sel], qualify)
	case *ast.ParenExpr:
		text, ok = l.expr(expr.X, qualify)
		return "(" + text + ")", ok
	case *ast.UnaryExpr:
		text, ok = l.expr(expr.X, qualify)
		return expr.Op.String() + text, ok
	case *ast.BinaryExpr:
		x, okX := l.expr(expr.X, qualify)
		y, okY := l.expr(expr.Y, qualify)
		return x + " " + expr.Op.String() + " " + y, okX && okY
	case *ast.CallExpr:
		return l.call(expr, qualify)
	default:
		return "", false
	}
}

// call writes a conversion or the call of a builtin function such as len, of a single argument.
func (l lengths) call(expr *ast.CallExpr, qualify func(*types.Package) string) (text string, ok bool) {
	if len(expr.Args) != 1 {
		return "", false
	}
	function, okFunction := l.expr(expr.Fun, qualify)
	argument, okArgument := l.expr(expr.Args[0], qualify)
	return function + "(" + argument + ")", okFunction && okArgument
}

// object writes the name of a constant, a type or a builtin function that the generated file sees, too.
func (l lengths) object(object types.Object, qualify func(*types.Package) string) (text string, ok bool) {
	switch object.(type) {
	case *types.Const, *types.Builtin, *types.TypeName:
	default:
		return "", false
	}
	switch {
	case object.Parent() == types.Universe:
		return object.Name(), true
	case object.Pkg() == l.pkg.Types:
		return object.Name(), object.Parent() == l.pkg.Types.Scope()
	default:
		return qualify(object.Pkg()) + "." + object.Name(), object.Exported()
	}
}

// arrayObject stands for an array type among the objects that a type mentions: its length may mention others.
func arrayObject(array *types.Array) types.Object {
	return types.NewTypeName(token.NoPos, nil, "", array)
}

// arrayOf returns the array type that an object stands for.
func arrayOf(object types.Object) (array *types.Array, ok bool) {
	if object.Name() != "" {
		return nil, false
	}
	array, ok = object.Type().(*types.Array)
	return array, ok
}
