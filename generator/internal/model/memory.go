package model

import (
	"go/types"
	"sync"

	"github.com/opikgen/opikgen/generator/internal/shape"
)

// Memory is what the packages of a run find out for each other: what is said of an SDK's types and calls is the same
// wherever those are wrapped, and takes long to work out. The zero value remembers nothing yet.
type Memory struct {
	checks checks
	parses parses
	locks  locks

	mutex  sync.Mutex
	byView map[view]*viewMemory
}

// view is what tells what is data: whatever implements a context is none, nor is the client that another module has.
type view struct {
	context types.Type
	module  string
}

// viewMemory is what holds for all packages of a view.
type viewMemory struct {
	data  verdicts
	calls *shape.Memory // of those whose types are other packages'
}

// in returns what is remembered for the packages of a module in which context is context.Context.
func (m *Memory) in(context types.Type, module string) *viewMemory {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.byView == nil {
		m.byView = map[view]*viewMemory{}
	}
	at := view{context, module}
	if m.byView[at] == nil {
		m.byView[at] = &viewMemory{calls: shape.NewMemory()}
	}
	return m.byView[at]
}

// verdicts are answers to one question about types.
type verdicts struct{ byType sync.Map }

// of returns the answer for t, which judge is asked for where it is not known.
func (v *verdicts) of(t types.Type, judge func(types.Type) bool) bool {
	if verdict, known := v.byType.Load(t); known {
		return verdict.(bool)
	}
	verdict := judge(t)
	v.byType.Store(t, verdict)
	return verdict
}
