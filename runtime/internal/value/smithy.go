package value

import (
	"reflect"
	"strings"
	"unicode"
)

// The types of AWS' SDKs say nothing of JSON. Their names differ from those on the wire by the first letter, fields that
// are nil are not there, and a union is an interface with a struct for each of its members, which holds a Value.

// smithyMark is what every struct of such an SDK embeds.
const smithyMark = "github.com/aws/smithy-go/document"

// isSmithy reports whether t is a struct of AWS' SDKs.
func isSmithy(t reflect.Type) bool {
	n := t.NumField()
	if n == 0 {
		return false
	}
	mark := t.Field(n - 1)
	return mark.Anonymous && mark.Type.PkgPath() == smithyMark && mark.Type.Name() == "NoSerde"
}

// smithyName returns how a field of a struct is called on the wire.
func smithyName(t reflect.Type, name string) string {
	if t.NumField() == 2 && name == "Value" {
		if i := strings.LastIndex(t.Name(), "Member"); i > 0 {
			name = t.Name()[i+len("Member"):]
		}
	}
	if len(name) > 1 && unicode.IsUpper(rune(name[1])) {
		return name // an abbreviation
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// smithyField makes a field of a struct of AWS' SDKs out of one that encoding/json would write.
func smithyField(t reflect.Type, f field) field {
	f.name = smithyName(t, f.name)
	f.member = "," + string(AppendString(nil, f.name)) + ":"
	if t.NumField() > 2 || t.Field(0).Name != "Value" {
		f.omit = absent
	}
	return f
}

// absent reports whether AWS leaves a value out.
func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	default:
		return false
	}
}

// smithyDocument is JSON that a program hands to AWS, or gets, as it is: the input of a tool for one.
type smithyDocument interface {
	MarshalSmithyDocument() ([]byte, error)
}

var smithyDocumentType = reflect.TypeFor[smithyDocument]()

// document writes such JSON.
func (e *encoder) document(v reflect.Value) {
	if nilPointer(v) {
		e.null()
		return
	}
	b, err := guard(v.Interface().(smithyDocument).MarshalSmithyDocument)
	if err != nil || !e.raw(b) {
		e.note("%s: MarshalSmithyDocument: %v", v.Type(), err)
	}
}
