package model

import "go/types"

// Stream is how the elements of a streamed answer are followed.
type Stream struct {
	Var      string        // the variable that holds the runtime's stream
	Context  string        // the expression that it ends with at the latest
	Before   bool          // it is made before the call, which gets a callback of it
	Elem     types.Type    // of an element
	Acc      types.Type    // what the elements add up to
	Each     Literal       // is called with every element
	Done     Literal       // is called when the stream is over
	Option   *StreamOption // asks for the counts, or nil
	Hide     *Literal      // tells the element that comes of that, or nil
	Method   string        // of the runtime's stream that wraps Targets, or empty
	Targets  []string      // the variables that hold what is wrapped
	Pipe     string        // the function that makes a reader and a writer, or empty
	Through  *Through      // makes the option by which the elements come, or nil
	Rebuild  *Rebuild      // makes another stream of the same type, or nil
	TypeDecl *StreamType   // a type that is declared for that, or nil
	Tee      *Tee          // wraps a body, or nil
	Besides  []Beside      // more callbacks
	Asked    *Asked        // whether the caller asks for the counts, or nil
}

// Tee wraps a body, which is what the call returned or a field of it. Where a Rebuild is, too, that is for a pointer.
type Tee struct {
	Call  string // the runtime's function
	Field string // or empty
}

// Beside is one more callback that the call gets.
type Beside struct {
	Target string     // the variable that holds it
	Elem   types.Type // of an element
	Each   Literal
	Call   string // the runtime's function that wraps it
}

// Asked is a variable that says whether the caller asks for the counts.
type Asked struct{ Var, Expr string }

// Literal is a function literal that holds on to nothing around it.
type Literal struct {
	Span, Acc, Chunk string // its parameters, "_" where it does not need one
	Lines            []Line
	Cases            []Case // for the types that an element can be of
	Call             Line   // a call that adds an element, without a capture
	Value            string // what it returns, or empty
}

// Case is what is captured of an element of one type.
type Case struct {
	Type  types.Type
	Lines []Line
}

// StreamOption is an option that is added to those of the caller's.
type StreamOption struct {
	Options string     // the variable
	Type    types.Type // of an option
	Expr    string
}

// Through makes an option by which the elements come.
type Through struct {
	Stream, Options string     // the parameters of the literal; Options is the variable that it extends, too
	Type            types.Type // of Options
	Expr            string
}

// Rebuild makes another stream of the type of the one that the call returned.
type Rebuild struct {
	Stream, Orig, Tap string
	Type              types.Type // of Orig
	Failable          bool       // Orig says at once whether it has failed
	Fallible          bool       // New returns an error, too
	Source            string     // the runtime's function or method that makes Tap, or empty
	Event             *Literal
	EventType         types.Type
	New               string // the expression for the stream; empty where a StreamType is
}

// StreamType is an implementation of an interface for streams: it tells the runtime's stream of the elements, and hands
// everything on.
type StreamType struct {
	Doc        []string
	UnwrapDoc  []string
	Name       string
	TypeParams []TypeParam
	Recv       Recv
	Inner      types.Type // the interface
	Field      string     // that it is embedded as
	Alias      string     // by which it is, where it has a method of its own name; otherwise empty
	Stream     string     // the field that holds the runtime's stream
	Methods    []StreamMethod
	Unwrap     bool
}

// StreamMethod is a method of a stream that is followed.
type StreamMethod struct {
	Name    string
	Results []types.Type
	Tells   string   // the method of the runtime's stream that is told of the results
	Also    []string // other methods of the interface that it is given
	Called  bool     // Tells is given the method itself, to call it until there is an element to show
	Void    bool     // the method has no results, and the runtime is told of a nil error
}
