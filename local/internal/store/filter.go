package store

import (
	"fmt"
	"strconv"
	"strings"
)

// Filter is a condition as Opik's API has it.
type Filter struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Key      string `json:"key,omitempty"`
	Value    string `json:"value,omitempty"`
}

// maxValue bounds what is compared with: SQLite has a bound for patterns.
const maxValue = 20_000

// condition is a piece of SQL with its arguments.
type condition struct {
	text string
	args []any
}

// likes are the operators that compare with a pattern.
var likes = map[string]struct{ before, after, not string }{
	"contains":     {"%", "%", ""},
	"not_contains": {"%", "%", "NOT "},
	"starts_with":  {"", "%", ""},
	"ends_with":    {"%", "", ""},
}

// compares are the operators that SQL has, too.
var compares = map[string]bool{"=": true, "!=": true, ">": true, ">=": true, "<": true, "<=": true}

// condition writes the filter in SQL. Values are always arguments.
func (f Filter) condition(kind Kind) (condition, error) {
	found, key, err := lookUp(kind, f.Field)
	if err != nil {
		return condition{}, err
	}
	if len(f.Value) > maxValue {
		return condition{}, Unknown(fmt.Sprintf("the value of the filter of %s is longer than %d bytes", f.Field, maxValue))
	}
	if f.Key != "" {
		key = f.Key
	}
	operand := condition{text: found.expr}
	switch {
	case found.kind == scoreField:
		operand.args = []any{key}
		found.kind = numberField
	case found.kind == jsonField && key != "":
		operand = condition{"json_extract(" + found.expr + ", ?)", []any{jsonPath(key)}}
	}
	return f.compare(found.kind, operand)
}

// compare applies the operator.
func (f Filter) compare(kind fieldType, operand condition) (condition, error) {
	switch like, ok := likes[f.Operator]; {
	case f.Operator == "is_empty":
		return condition{"coalesce(" + operand.text + ", '') = ''", operand.args}, nil
	case f.Operator == "is_not_empty":
		return condition{"coalesce(" + operand.text + ", '') <> ''", operand.args}, nil
	case ok && kind == listField:
		text := like.not + "EXISTS (SELECT 1 FROM json_each(coalesce(" + operand.text + `, '[]')) WHERE value LIKE ? ESCAPE '\')`
		return condition{text, append(operand.args, like.before+escapeLike(f.Value)+like.after)}, nil
	case ok:
		text := "coalesce(" + operand.text + ", '') " + like.not + `LIKE ? ESCAPE '\'`
		return condition{text, append(operand.args, like.before+escapeLike(f.Value)+like.after)}, nil
	case compares[f.Operator]:
		return f.order(kind, operand)
	}
	return condition{}, Unknown(fmt.Sprintf("no operator %.20q", f.Operator))
}

// order compares with a value of the field's type.
func (f Filter) order(kind fieldType, operand condition) (condition, error) {
	switch kind {
	case numberField:
		number, err := strconv.ParseFloat(f.Value, 64)
		if err != nil {
			return condition{}, Unknown(fmt.Sprintf("%s is compared with a number, not with %.60q", f.Field, f.Value))
		}
		return condition{operand.text + " " + f.Operator + " ?", append(operand.args, number)}, nil
	case timeField:
		moment, err := ParseTime(f.Value)
		return condition{operand.text + " " + f.Operator + " ?", append(operand.args, moment)}, asUnknown(err)
	case listField:
		not := map[string]string{"=": "", "!=": "NOT "}[f.Operator]
		text := not + "EXISTS (SELECT 1 FROM json_each(coalesce(" + operand.text + ", '[]')) WHERE lower(value) = lower(?))"
		return condition{text, append(operand.args, f.Value)}, nil
	case jsonField:
		if number, err := strconv.ParseFloat(f.Value, 64); err == nil && strings.ContainsAny(f.Operator, "<>") {
			return condition{"CAST(" + operand.text + " AS REAL) " + f.Operator + " ?", append(operand.args, number)}, nil
		}
	}
	return condition{"lower(coalesce(" + operand.text + ", '')) " + f.Operator + " lower(?)", append(operand.args, f.Value)}, nil
}

// asUnknown keeps nil nil.
func asUnknown(err error) error {
	if err == nil {
		return nil
	}
	return Unknown(err.Error())
}
