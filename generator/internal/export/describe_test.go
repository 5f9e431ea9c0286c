package export_test

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// describer writes down all that is known of objects, and of the objects that they depend on, in whichever packages.
// Two importers know the same of an object where the texts are equal.
type describer struct {
	files        *token.FileSet
	declarations map[types.Object]declaration
}

// declaration is the text of one object's declaration, and the objects that it names.
type declaration struct {
	text string
	uses []types.Object
}

func newDescriber(files *token.FileSet) *describer {
	return &describer{files, map[types.Object]declaration{}}
}

// describe returns the description of an object.
func (d *describer) describe(object types.Object) string {
	var text strings.Builder
	queue, seen := []types.Object{object}, map[types.Object]bool{object: true}
	for ; len(queue) > 0; queue = queue[1:] {
		found := d.declaration(queue[0])
		text.WriteString(found.text)
		for _, use := range found.uses {
			if !seen[use] {
				seen[use] = true
				queue = append(queue, use)
			}
		}
	}
	return text.String()
}

// declaration returns what an object's declaration says, which is written down once.
func (d *describer) declaration(object types.Object) declaration {
	if found, ok := d.declarations[object]; ok {
		return found
	}
	w := &writer{files: d.files}
	w.object(object)
	w.text.WriteString("\n")
	d.declarations[object] = declaration{w.text.String(), w.uses}
	return d.declarations[object]
}

// writer writes one declaration.
type writer struct {
	files *token.FileSet
	text  strings.Builder
	uses  []types.Object
}

func (w *writer) print(format string, args ...any) {
	fmt.Fprintf(&w.text, format, args...)
}

// words writes what is written most, at less cost than print.
func (w *writer) words(words ...string) {
	for _, word := range words {
		w.text.WriteString(word)
		w.text.WriteByte(' ')
	}
}

// head writes what every object has.
func (w *writer) head(object types.Object) {
	path, name := "universe", ""
	if object.Pkg() != nil {
		path, name = object.Pkg().Path(), object.Pkg().Name()
	}
	position := w.files.Position(object.Pos())
	w.words("\n", reflect.TypeOf(object).String(), path, name, object.Name())
	w.words("at", position.Filename, strconv.Itoa(position.Line), strconv.Itoa(position.Column))
}

// object writes a declaration.
func (w *writer) object(object types.Object) {
	w.head(object)
	switch object := object.(type) {
	case *types.Const:
		w.typ(object.Type())
		w.print("= %s %s", object.Val().Kind(), object.Val().ExactString())
	case *types.TypeName:
		w.typeName(object)
	case *types.Var:
		w.words(object.Kind().String(), "embedded", strconv.FormatBool(object.Embedded()))
		w.typ(object.Type())
	case *types.Func:
		w.receiver(object.Signature().Recv())
		w.typ(object.Type())
	default:
		w.print("an object of a kind that packages do not declare")
	}
}

// receiver writes a receiver. That of an interface's method may be the interface that is being written.
func (w *writer) receiver(receiver *types.Var) {
	if receiver == nil {
		return
	}
	w.head(receiver)
	if _, literal := receiver.Type().(*types.Interface); !literal {
		w.typ(receiver.Type())
	}
}

func (w *writer) typeName(object *types.TypeName) {
	switch typ := object.Type().(type) {
	case *types.Alias:
		w.typeParams(typ.TypeParams())
		w.print("= ")
		w.typ(typ.Rhs())
	case *types.Named:
		w.typeParams(typ.TypeParams())
		w.typ(typ.Underlying())
		for method := range typ.Methods() {
			w.object(method)
		}
	default:
		w.print("a basic type")
	}
}

func (w *writer) typeParams(params *types.TypeParamList) {
	for param := range params.TypeParams() {
		w.head(param.Obj())
		w.print("#%d ", param.Index())
		w.typ(param.Constraint())
	}
}

// use writes the name of a declared type, and the arguments where it is an instance.
func (w *writer) use(name *types.TypeName, args *types.TypeList) {
	w.words(name.Name())
	if name.Pkg() != nil {
		w.words(name.Pkg().Path())
		w.uses = append(w.uses, name)
	}
	for arg := range args.Types() {
		w.print("of ")
		w.typ(arg)
	}
}

// typ writes a type.
func (w *writer) typ(typ types.Type) {
	w.words(reflect.TypeOf(typ).String())
	switch typ := typ.(type) {
	case *types.Alias:
		w.use(typ.Obj(), typ.TypeArgs())
	case *types.Named:
		w.use(typ.Obj(), typ.TypeArgs())
	case *types.Struct:
		w.structType(typ)
	case *types.Interface:
		w.interfaceType(typ)
	case *types.Signature:
		w.signature(typ)
	case *types.Map:
		w.typ(typ.Key())
		w.typ(typ.Elem())
	case *types.Array:
		w.print("%d ", typ.Len())
		w.typ(typ.Elem())
	case *types.Chan:
		w.print("%d ", typ.Dir())
		w.typ(typ.Elem())
	case interface{ Elem() types.Type }: // a pointer or a slice
		w.typ(typ.Elem())
	case *types.Union:
		w.union(typ)
	default: // a basic type or a type parameter
		w.words(typ.String())
	}
}

func (w *writer) structType(typ *types.Struct) {
	for i := range typ.NumFields() {
		w.object(typ.Field(i))
		w.print("%q ", typ.Tag(i))
	}
}

func (w *writer) interfaceType(typ *types.Interface) {
	w.print("implicit %t, %d methods ", typ.IsImplicit(), typ.NumMethods())
	for method := range typ.ExplicitMethods() {
		w.object(method)
	}
	for embedded := range typ.EmbeddedTypes() {
		w.print("embeds ")
		w.typ(embedded)
	}
}

func (w *writer) signature(typ *types.Signature) {
	w.typeParams(typ.RecvTypeParams())
	w.typeParams(typ.TypeParams())
	for param := range typ.Params().Variables() {
		w.object(param)
	}
	for result := range typ.Results().Variables() {
		w.object(result)
	}
	w.words("variadic", strconv.FormatBool(typ.Variadic()))
}

func (w *writer) union(typ *types.Union) {
	for term := range typ.Terms() {
		w.print("tilde %t ", term.Tilde())
		w.typ(term.Type())
	}
}
