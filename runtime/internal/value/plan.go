package value

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"sync"
)

// plan is how values of one type are written. It is worked out once, when the first value of the type comes along.
type plan struct {
	once   sync.Once
	typ    reflect.Type
	encode func(e *encoder, v reflect.Value)
	plain  bool // no method of the value's own runs
}

var plans sync.Map // of *plan by reflect.Type

// planOf returns the plan of t. It does not work it out, so that a type may refer to itself.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p, _ := plans.LoadOrStore(t, &plan{typ: t})
	return p.(*plan)
}

func (p *plan) run(e *encoder, v reflect.Value) {
	p.once.Do(p.make)
	p.encode(e, v)
}

func (p *plan) make() {
	p.encode = newEncode(p.typ)
	p.plain = newPlainEncode(p.typ, nil) != nil
}

var (
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	errorType         = reflect.TypeFor[error]()
	rawType           = reflect.TypeFor[json.RawMessage]()
	numberType        = reflect.TypeFor[json.Number]()
)

// newEncode decides how t is written: by its own methods if it has any, by its structure otherwise.
func newEncode(t reflect.Type) func(*encoder, reflect.Value) {
	if t.Kind() == reflect.Interface {
		return (*encoder).dynamic
	}
	if secret(t) {
		return (*encoder).unknown
	}
	encode := newMethodEncode(t)
	if encode == nil {
		encode = newKindEncode(t)
	}
	if knowsJSON(t) {
		encode = newRawEncode(encode)
	}
	if t.Kind() == reflect.Pointer {
		return encode
	}
	return newAddressEncode(t, encode)
}

// newMethodEncode returns how t is written by its own methods, or nil if it has none.
func newMethodEncode(t reflect.Type) func(*encoder, reflect.Value) {
	switch {
	case t == withoutVectorsType:
		return (*encoder).vectorless
	case t == rawType:
		return (*encoder).rawMessage
	case t == numberType:
		return (*encoder).jsonNumber
	case t.Implements(marshalerType):
		return (*encoder).marshaler
	case t.Implements(textMarshalerType):
		return (*encoder).textMarshaler
	case t.Implements(smithyDocumentType):
		return (*encoder).document
	case t.Implements(errorType):
		return (*encoder).message
	default:
		return nil
	}
}

// newAddressEncode prefers the methods of *t where the value can be addressed, as encoding/json does: the elements
// of a slice can, a struct that was passed by value cannot.
func newAddressEncode(t reflect.Type, encode func(*encoder, reflect.Value)) func(*encoder, reflect.Value) {
	pointer := reflect.PointerTo(t)
	if t.Implements(marshalerType) || !pointer.Implements(marshalerType) && !pointer.Implements(textMarshalerType) {
		return encode
	}
	byPointer := newMethodEncode(pointer)
	return func(e *encoder, v reflect.Value) {
		if v.CanAddr() {
			byPointer(e, v.Addr())
			return
		}
		encode(e, v)
	}
}

// newKindEncode decides by the structure of t.
func newKindEncode(t reflect.Type) func(*encoder, reflect.Value) {
	switch t.Kind() {
	case reflect.Bool:
		return func(e *encoder, v reflect.Value) { e.dst = strconv.AppendBool(e.dst, v.Bool()) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(e *encoder, v reflect.Value) { e.dst = strconv.AppendInt(e.dst, v.Int(), 10) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return func(e *encoder, v reflect.Value) { e.dst = strconv.AppendUint(e.dst, v.Uint(), 10) }
	case reflect.Float32, reflect.Float64:
		bits := t.Bits()
		return func(e *encoder, v reflect.Value) { e.dst = appendFloat(e.dst, v.Float(), bits) }
	case reflect.String:
		return func(e *encoder, v reflect.Value) { e.text(v.String()) }
	default:
		return newCompositeEncode(t)
	}
}

// newCompositeEncode decides for the types that hold others, and for those that have no JSON form.
func newCompositeEncode(t reflect.Type) func(*encoder, reflect.Value) {
	switch t.Kind() {
	case reflect.Pointer:
		return newPointerEncode(t)
	case reflect.Struct:
		return newStructEncode(t)
	case reflect.Map:
		return newMapEncode(t)
	case reflect.Slice:
		return newSliceEncode(t)
	case reflect.Array:
		return newArrayEncode(t)
	default:
		return (*encoder).unknown
	}
}

// unknown writes the type in place of a channel, a function, an unsafe pointer or a secret, and a complex number.
func (e *encoder) unknown(v reflect.Value) {
	switch v.Kind() {
	case reflect.Complex64, reflect.Complex128:
		e.text(strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits()))
		return
	}
	if v.IsZero() {
		e.null()
		return
	}
	e.note("%s", v.Type())
}
