package model

import "go/types"

// locks remembers which types hold a lock, as the deep structs of an SDK take long to look through.
type locks struct{ verdicts }

// holdsLock reports whether copying a value of type t copies a lock, which go vet warns of. Such a value is not
// captured, and is returned without a copy.
func (l *locks) holdsLock(t types.Type) bool { return l.of(t, l.search) }

func (l *locks) search(t types.Type) bool {
	switch under := t.Underlying().(type) {
	case *types.Struct:
		return isLock(t) || l.inField(under)
	case *types.Array:
		return l.holdsLock(under.Elem())
	}
	return false
}

func (l *locks) inField(structure *types.Struct) bool {
	for field := range structure.Fields() {
		if l.holdsLock(field.Type()) {
			return true
		}
	}
	return false
}

// isLock recognises a lock as go vet does: a pointer to it has Lock and Unlock, and it itself has not.
func isLock(t types.Type) bool {
	return hasLockMethods(types.NewPointer(t)) && !hasLockMethods(t)
}

func hasLockMethods(t types.Type) bool { return hasMethod(t, "Lock") && hasMethod(t, "Unlock") }

// hasMethod looks for one method. Whole method sets take long to build for the deep structs of an SDK.
func hasMethod(t types.Type, name string) bool {
	object, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
	_, ok := object.(*types.Func)
	return ok
}
