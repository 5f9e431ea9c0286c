package shape

import (
	"go/types"
	"slices"
)

// StreamKind is a kind of stream: how its elements come.
type StreamKind string

// The kinds.
const (
	Seq         StreamKind = "Seq"         // S3: iter.Seq[T]
	Seq2        StreamKind = "Seq2"        // S3: iter.Seq2[T, error]
	Chan        StreamKind = "Chan"        // S4: a channel to receive from
	ChanBoth    StreamKind = "ChanBoth"    // S4: a channel that can be sent to as well
	Chans       StreamKind = "Chans"       // S4: one to receive from, and one for errors beside it
	Func        StreamKind = "Func"        // S5: a parameter func(T) error
	FuncNoError StreamKind = "FuncNoError" // S5: a parameter func(T)
	FuncContext StreamKind = "FuncContext" // S5: a parameter func(context.Context, T) error
	Next        StreamKind = "Next"        // S1: Next() bool, Current() T, Err() error
	Recv        StreamKind = "Recv"        // S2: Recv() (T, error)
	NextRecv    StreamKind = "NextRecv"    // S7: Next() (T, error)
	Events      StreamKind = "Events"      // S6: Events() <-chan T, Err() error
	Lines       StreamKind = "TeeLines"    // an io.ReadCloser with JSON lines or server-sent events
	Body        StreamKind = "TeeBody"     // an io.ReadCloser
)

// Stream is a stream that a call returns or feeds.
type Stream struct {
	Kind   StreamKind
	Elem   types.Type
	Result int    // which result it is, or -1
	Param  int    // which parameter takes the elements, or -1
	Errors int    // which result is the channel of its errors, or -1
	Field  string // of the result, where that holds the stream

	// Concrete is a type that only its own package can make: what a wrapper returns needs a constructor.
	Concrete bool
}

// Rule is the number of the kind.
func (k StreamKind) Rule() string {
	switch k {
	case Next:
		return "S1"
	case Recv:
		return "S2"
	case Seq, Seq2:
		return "S3"
	case Chan, ChanBoth, Chans:
		return "S4"
	case Events:
		return "S6"
	case NextRecv:
		return "S7"
	case Lines, Body:
		return "body"
	default:
		return "S5"
	}
}

// Word is what a directive calls the kind.
func (k StreamKind) Word() string {
	switch k {
	case Next, NextRecv:
		return "next"
	case Recv:
		return "recv"
	case Seq, Seq2:
		return "seq"
	case Chan, ChanBoth, Chans, Events:
		return "chan"
	case Lines:
		return "lines"
	case Body:
		return "body"
	default:
		return "func"
	}
}

// Streams returns every stream of a call, results before callbacks.
func (c *Call) Streams() []Stream {
	var found []Stream
	for i, result := range c.Results {
		if s, ok := streamOf(result.Type); ok {
			s.Result, s.Param, s.Errors = i, -1, -1
			found = append(found, s)
		}
	}
	found = pairChannels(found)
	for i, param := range c.Params {
		if param.Variadic {
			continue // an option, whatever it looks like
		}
		if s, ok := c.callback(param.Type); ok {
			s.Result, s.Param, s.Errors = -1, i, -1
			found = append(found, s)
		}
	}
	return append(found, c.bodies()...)
}

// Beside returns the callbacks beside the one that is the stream of a call.
func (c *Call) Beside(s Stream) []Stream {
	if s.Param < 0 {
		return nil
	}
	return slices.DeleteFunc(c.Streams(), func(other Stream) bool {
		return other.Param < 0 || other.Param == s.Param || !c.IsPlausible(other)
	})
}

// pairChannels makes a channel of errors a part of the channel that it stands beside.
func pairChannels(found []Stream) []Stream {
	if len(found) != 2 || found[0].Kind != Chan || found[1].Kind != Chan || !isError(found[1].Elem) {
		return found
	}
	found[0].Kind, found[0].Errors = Chans, found[1].Result
	return found[:1]
}

// isError reports whether t is the predeclared error.
func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// streamOf recognises a result.
func streamOf(t types.Type) (Stream, bool) {
	if isTypeParam(t) {
		return Stream{}, false
	}
	switch under := t.Underlying().(type) {
	case *types.Chan:
		return channel(under), under.Dir() != types.SendOnly
	case *types.Signature:
		return sequence(under)
	default:
		return byMethods(t)
	}
}

func channel(t *types.Chan) Stream {
	if t.Dir() == types.SendRecv {
		return Stream{Kind: ChanBoth, Elem: t.Elem()}
	}
	return Stream{Kind: Chan, Elem: t.Elem()}
}

// sequence recognises an iterator: a function that takes yield.
func sequence(sig *types.Signature) (Stream, bool) {
	if sig.Params().Len() != 1 || sig.Results().Len() != 0 || sig.Variadic() {
		return Stream{}, false
	}
	yield, ok := sig.Params().At(0).Type().Underlying().(*types.Signature)
	if !ok || yield.Variadic() || yield.Results().Len() != 1 || basicInfo(yield.Results().At(0).Type())&types.IsBoolean == 0 {
		return Stream{}, false
	}
	switch params := yield.Params(); {
	case params.Len() == 1:
		return Stream{Kind: Seq, Elem: params.At(0).Type()}, true
	case params.Len() == 2 && isError(params.At(1).Type()):
		return Stream{Kind: Seq2, Elem: params.At(0).Type()}, true
	default:
		return Stream{}, false
	}
}

// byMethods recognises the types whose methods give the elements.
func byMethods(t types.Type) (Stream, bool) {
	s := Stream{Concrete: !types.IsInterface(t)}
	switch {
	case yields(t, "Next", boolean) && returns(t, "Current", 1) && yields(t, "Err", isError):
		s.Kind, s.Elem = Next, resultOf(t, "Current", 0)
	case pulls(t, "Recv"):
		s.Kind, s.Elem = Recv, resultOf(t, "Recv", 0)
	case pulls(t, "Next"):
		s.Kind, s.Elem = NextRecv, resultOf(t, "Next", 0)
	case yields(t, "Events", isReceivable) && yields(t, "Err", isError):
		s.Kind, s.Elem = Events, resultOf(t, "Events", 0).Underlying().(*types.Chan).Elem()
	default:
		return s, false
	}
	return s, true
}

func boolean(t types.Type) bool { return basicInfo(t)&types.IsBoolean != 0 }

func isReceivable(t types.Type) bool {
	channel, ok := t.Underlying().(*types.Chan)
	return ok && channel.Dir() == types.RecvOnly
}

// method returns the signature of a method without parameters, or nil.
func method(t types.Type, name string) *types.Signature {
	object, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
	fn, ok := object.(*types.Func)
	if !ok || fn.Signature().Params().Len() != 0 {
		return nil
	}
	return fn.Signature()
}

func returns(t types.Type, name string, results int) bool {
	sig := method(t, name)
	return sig != nil && sig.Results().Len() == results
}

// yields reports whether a method has one result, and of what type that is.
func yields(t types.Type, name string, fits func(types.Type) bool) bool {
	return returns(t, name, 1) && fits(resultOf(t, name, 0))
}

// pulls reports whether a method returns an element and an error.
func pulls(t types.Type, name string) bool {
	return returns(t, name, 2) && isError(resultOf(t, name, 1))
}

func resultOf(t types.Type, name string, i int) types.Type {
	return method(t, name).Results().At(i).Type()
}

// callback recognises a parameter that takes the elements.
func (c *Call) callback(t types.Type) (Stream, bool) {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || sig.Variadic() {
		return Stream{}, false
	}
	params, results := sig.Params(), sig.Results()
	fallible := results.Len() == 1 && isError(results.At(0).Type())
	switch {
	case params.Len() == 1 && fallible:
		return Stream{Kind: Func, Elem: params.At(0).Type()}, true
	case params.Len() == 1 && results.Len() == 0:
		return Stream{Kind: FuncNoError, Elem: params.At(0).Type()}, !isSequenceYield(params.At(0).Type())
	case params.Len() == 2 && fallible && c.Context(params.At(0).Type()):
		return Stream{Kind: FuncContext, Elem: params.At(1).Type()}, true
	default:
		return Stream{}, false
	}
}

// isSequenceYield tells a parameter that is an iterator itself, func(yield func(T) bool).
func isSequenceYield(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// IsPlausible reports whether something that looks like a stream is one: a callback gets deltas, and not, say, the
// options to set.
func (c *Call) IsPlausible(s Stream) bool {
	if s.Kind != FuncNoError {
		return true
	}
	_, pointers := deref(s.Elem)
	return pointers == 0 && c.Data(s.Elem)
}
