package value

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// newMapEncode writes a map as an object with sorted keys. The maps that programs hold most have no reflection in
// their loop.
func newMapEncode(t reflect.Type) func(*encoder, reflect.Value) {
	members := newMembersEncode(t)
	return func(e *encoder, v reflect.Value) {
		if v.IsNil() {
			e.null()
			return
		}
		if !e.enter(reference{at: v.UnsafePointer(), typ: t}) {
			return
		}
		members(e, v)
		e.leave()
	}
}

func newMembersEncode(t reflect.Type) func(*encoder, reflect.Value) {
	switch t {
	case reflect.TypeFor[map[string]any]():
		return func(e *encoder, v reflect.Value) {
			stringMap(e, v.Interface().(map[string]any), (*encoder).any)
		}
	case reflect.TypeFor[map[string]string]():
		return func(e *encoder, v reflect.Value) {
			stringMap(e, v.Interface().(map[string]string), (*encoder).text)
		}
	}
	elem := planOf(t.Elem())
	return func(e *encoder, v reflect.Value) { e.reflectMap(v, elem) }
}

// any writes an element of a map[string]any, the frequent types without reflection.
func (e *encoder) any(v any) {
	switch v := v.(type) {
	case nil:
		e.null()
	case string:
		e.text(v)
	case bool:
		e.dst = strconv.AppendBool(e.dst, v)
	case int:
		e.dst = strconv.AppendInt(e.dst, int64(v), 10)
	case float64:
		e.dst = AppendFloat(e.dst, v)
	default:
		e.value(reflect.ValueOf(v))
	}
}

// stringMap writes the members of m. The sorted keys are kept in the encoder, above those of the maps around m.
func stringMap[V any](e *encoder, m map[string]V, element func(*encoder, V)) {
	base := len(e.keys)
	for k := range m {
		e.keys = append(e.keys, k)
	}
	slices.Sort(e.keys[base:])
	e.dst = append(e.dst, '{')
	for i := base; i < base+len(m) && i < len(e.keys); i++ {
		e.comma(i > base)
		e.key(e.keys[i])
		element(e, m[e.keys[i]])
		if !e.more() {
			break
		}
	}
	e.keys = e.keys[:base]
	e.dst = append(e.dst, '}')
}

// reflectMap writes the members of a map of any type.
func (e *encoder) reflectMap(v reflect.Value, elem *plan) {
	type member struct {
		key   string
		value reflect.Value
	}
	members := make([]member, 0, v.Len())
	for iter := v.MapRange(); iter.Next(); {
		members = append(members, member{mapKey(iter.Key()), iter.Value()})
	}
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.key, b.key) })
	e.dst = append(e.dst, '{')
	for i, m := range members {
		e.comma(i > 0)
		e.key(m.key)
		elem.run(e, m.value)
		if !e.more() {
			break
		}
	}
	e.dst = append(e.dst, '}')
}

// mapKey returns a key of a map as the name of a member: as encoding/json does, and printed for the types that
// encoding/json refuses.
func mapKey(k reflect.Value) string {
	if k.Kind() == reflect.Interface {
		k = k.Elem()
	}
	if k.Kind() == reflect.String {
		return k.String()
	}
	if !k.IsValid() || nilPointer(k) {
		return ""
	}
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		if b, err := guard(m.MarshalText); err == nil {
			return string(b)
		}
	}
	return fmt.Sprint(k.Interface())
}

func (e *encoder) comma(needed bool) {
	if needed {
		e.dst = append(e.dst, ',')
	}
}

// key writes the name of a member and its colon.
func (e *encoder) key(k string) {
	e.text(Cut(k, longestName))
	e.dst = append(e.dst, ':')
}
