package value

import (
	"reflect"
	"sync"
)

// Members calls yield with the members of the object that v, a struct or a map with strings for keys, is written as.
// Those for whose names skip returns true are not even read. A MarshalJSON of v itself is not asked: the fields have
// their own. text is valid during the call.
func Members(v any, limit int, skip func(name string) bool, yield func(name string, text []byte)) {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer || r.Kind() == reflect.Interface {
		r = r.Elem()
	}
	switch {
	case r.Kind() == reflect.Struct:
		structMembers(r, limit, skip, yield)
	case r.Kind() == reflect.Map && r.Type().Key().Kind() == reflect.String:
		mapMembers(r, limit, skip, yield)
	}
}

func mapMembers(r reflect.Value, limit int, skip func(name string) bool, yield func(name string, text []byte)) {
	for name, member := range r.Seq2() {
		if !skip(name.String()) && !secret(member.Type()) {
			yield(name.String(), Append(nil, member.Interface(), limit))
		}
	}
}

// structFields are the fields of the types that Members was asked about.
var structFields sync.Map // of []field by reflect.Type

func structMembers(r reflect.Value, limit int, skip func(name string) bool, yield func(name string, text []byte)) {
	known, ok := structFields.Load(r.Type())
	if !ok {
		known, _ = structFields.LoadOrStore(r.Type(), fieldsOf(r.Type()))
	}
	e := encoders.Get().(*encoder)
	defer e.release()
	fields := known.([]field)
	for i := range fields {
		member, ok := follow(r, fields[i].index)
		if !ok || skip(fields[i].name) || fields[i].omit != nil && fields[i].omit(member) {
			continue
		}
		if text := e.member(&fields[i], member, limit); string(text) != "null" {
			yield(fields[i].name, text)
		}
	}
}

// member returns the value of a field.
func (e *encoder) member(f *field, v reflect.Value, limit int) (text []byte) {
	e.dst, e.limit, e.full = e.dst[:0], limit, false
	e.written(func() { f.write(e, v) })
	if e.full {
		return appendCut(nil, string(e.dst), limit)
	}
	return e.dst
}

// KnowsJSON reports whether what v is written as has the members that were there when it was decoded, and no others.
func KnowsJSON(v any) bool {
	if t := reflect.Indirect(reflect.ValueOf(v)); t.Kind() == reflect.Struct && isSmithy(t.Type()) || t.IsValid() && t.Type() == rawType {
		return true
	}
	decoded, ok := v.(rawJSONer)
	if !ok {
		return false
	}
	text, err := guard(func() (string, error) { return decoded.RawJSON(), nil })
	return err == nil && text != ""
}
