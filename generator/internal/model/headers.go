package model

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/opikgen/opikgen/generator/internal/directive"
)

// headers says that a call has headers which join the spans of several processes to one trace.
type headers struct {
	param  *value
	holder *holder
	out    bool // they leave this process with the call, and do not come in
}

// are reports whether a value is the headers.
func (h *headers) are(v *value) bool { return h != nil && h.param == v }

func (h *headers) direction() string {
	if h.out {
		return "out"
	}
	return "in"
}

// holder is a kind of type that holds headers, and the functions of the runtime that take it.
type holder struct {
	fits               func(types.Type) bool
	incoming, outgoing string
}

// holders is the table of kinds, the ones that say the most first: a request is one for sure, a map of strings may be
// anything.
var holders = []*holder{
	{isRequest, "IncomingRequest", "OutgoingRequest"},
	{isHeader, "Incoming", "Outgoing"},
	{isStringMap, "IncomingMap", "OutgoingMap"},
}

// isHeader reports whether t is http.Header, the metadata.MD of gRPC, or another map like these.
func isHeader(t types.Type) bool {
	return isMapTo(t, types.NewSlice(types.Typ[types.String])) && !isDeclared(t, "net/url", "Values")
}

func isStringMap(t types.Type) bool { return isMapTo(t, types.Typ[types.String]) }

func isMapTo(t, elem types.Type) bool {
	return types.Identical(t.Underlying(), types.NewMap(types.Typ[types.String], elem))
}

// holderOf returns the kind of a type, or nil.
func holderOf(t types.Type) *holder {
	i := slices.IndexFunc(holders, func(h *holder) bool { return h.fits(t) })
	if i < 0 {
		return nil
	}
	return holders[i]
}

// defaultHeaders returns what a signature alone says about headers: those of a handler come in, and those of Do and
// RoundTrip go out.
func (c *call) defaultHeaders() *headers {
	var param *value
	switch {
	case len(c.params) == 2 && len(c.results) == 0 && isDeclared(c.params[0].typ, "net/http", "ResponseWriter"):
		param = c.params[1]
	case len(c.params) == 1 && c.sends():
		param = c.params[0]
	}
	if param == nil || !isRequest(param.typ) {
		return nil
	}
	return &headers{param: param, holder: holders[0], out: len(c.params) == 1}
}

// sends reports whether a call has the name and the results of one that sends a request.
func (c *call) sends() bool {
	if c.callee != "Do" && c.callee != "RoundTrip" || len(c.results) != 2 {
		return false
	}
	response, ok := types.Unalias(c.results[0].typ).(*types.Pointer)
	return ok && isDeclared(response.Elem(), "net/http", "Response") && c.results[1].failure
}

// headers follows the key of that name. A word over a whole type is about the methods that have headers; what is wrong
// is reported if it fits none, or if it is not clear which parameter of one is meant.
func (p *planner) headers(arg directive.Arg, calls []*call) {
	word, name, _ := strings.Cut(arg.Value, ":")
	var reason *flaw
	fits := word == "none"
	for _, c := range calls {
		chosen, fault := p.chooseHeaders(c, word, name)
		switch {
		case fault == nil:
			fits, c.span.headers = true, chosen
		case reason == nil || !reason.near && (fault.near || c.defaultHeaders() != nil):
			reason = fault
		}
	}
	if reason != nil && !p.layer.lenient && (!fits || reason.near) {
		p.reportArg(arg, reason)
	}
}

// chooseHeaders finds the headers of one call.
func (p *planner) chooseHeaders(c *call, word, name string) (*headers, *flaw) {
	if word == "none" {
		return nil, nil
	}
	if fault := p.againstSignature(c, word); fault != nil {
		return nil, fault
	}
	chosen, fault := onlyHeaders(c, word)
	if name != "" {
		chosen, fault = p.namedHeaders(c, word, name)
	}
	if fault == nil && c.span.carrier.request {
		fault = startUnder(c, chosen, word)
	}
	if fault != nil {
		return nil, fault
	}
	chosen.out = word == "out"
	return chosen, nil
}

// againstSignature keeps a word that is about several calls from one whose headers go the other way by its signature.
func (p *planner) againstSignature(c *call, word string) *flaw {
	by := c.defaultHeaders()
	if by == nil || by.direction() == word || len(p.layer.calls) == 1 && !p.layer.lenient {
		return nil
	}
	return &flaw{message: fmt.Sprintf("%s has headers=%s by its signature; write headers=%s over it alone, if it is meant",
		c.target, by.direction(), word)}
}

// startUnder starts the span of a call that has no context under the request whose headers are chosen. There is no
// context for other headers.
func startUnder(c *call, chosen *headers, word string) *flaw {
	if chosen.holder == holders[0] {
		c.span.carrier.param = chosen.param
		return nil
	}
	request := c.span.carrier.param.key
	return &flaw{offset: len(word) + 1, message: fmt.Sprintf("the span of %s is in the context of the request %s, and so are "+
		"its headers; write headers=%s:%s, or give %s a context.Context", c.target, request, word, request, c.target)}
}

const headerTypes = "a *http.Request, an http.Header, a metadata.MD or another map[string][]string, or a map[string]string"

// namedHeaders takes the parameter that a directive names.
func (p *planner) namedHeaders(c *call, word, name string) (*headers, *flaw) {
	offset := len(word) + 1
	key := p.inputKey(c, name)
	param := first(c.params, func(v *value) bool { return v.key == key })
	if param == nil {
		return nil, &flaw{offset: offset, message: c.target + " has no parameter called " + name + didYouMean(name, paramKeys(c.params))}
	}
	h := holderOf(param.typ)
	if h == nil {
		return nil, &flaw{offset: offset, message: fmt.Sprintf("%s is of type %s, which holds no headers; expected is %s",
			name, typeText(param.typ), headerTypes)}
	}
	return &headers{param: param, holder: h}, nil
}

func paramKeys(params []*value) []string {
	keys := make([]string, len(params))
	for i, param := range params {
		keys[i] = param.key
	}
	return keys
}

// onlyHeaders takes the parameter that can be meant: the only one of the first kind of which there is any.
func onlyHeaders(c *call, word string) (*headers, *flaw) {
	for _, h := range holders {
		found := slices.DeleteFunc(slices.Clone(c.params), func(v *value) bool { return holderOf(v.typ) != h })
		if len(found) == 1 {
			return &headers{param: found[0], holder: h}, nil
		}
		if len(found) > 1 {
			return nil, &flaw{near: true, message: fmt.Sprintf("%s has several parameters that can hold headers, %s; choose one, like "+
				"headers=%s:%s", c.target, strings.Join(paramKeys(found), " and "), word, found[0].key)}
		}
	}
	return nil, &flaw{message: fmt.Sprintf("%s has no parameter that holds headers: expected is %s; remove headers=%s",
		c.target, headerTypes, word)}
}

// headers names what passes a trace on. A span that is started under a request takes its headers, too; everything else
// has a context to take them from.
func (n *naming) headers(from *span, s *Span) {
	h := from.headers
	if h == nil {
		return
	}
	s.Direction = h.direction()
	switch {
	case from.carrier.request && h.out:
		s.Start = "StartOutgoing"
	case from.carrier.request:
		s.Start = "StartIncoming"
	case h.out:
		if s.Replaced == "_" {
			s.Replaced = n.invent("spanCtx")
		}
		s.Outgoing = &Headers{Call: h.holder.outgoing, Context: s.Replaced, Var: h.param.local}
	default:
		s.Incoming = &Headers{Call: h.holder.incoming, Context: s.Context, Var: h.param.local}
	}
}
