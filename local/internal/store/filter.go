package store

import (
	"fmt"
	"math"
	"slices"
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

// The operators, in groups that fields have together.
var (
	patterns = []string{"contains", "not_contains", "starts_with", "ends_with"}
	orders   = []string{"=", "!=", ">", ">=", "<", "<="}
	empties  = []string{"is_empty", "is_not_empty"}
)

// operators are those that Opik knows for each type of field. The SDKs also order documents by >= and <=.
var operators = map[fieldType][]string{
	textField:   append([]string{"=", "!=", ">", "<"}, patterns...),
	enumField:   append([]string{"=", "!=", "in", "not_in"}, empties...),
	numberField: orders,
	timeField:   orders,
	listField:   append([]string{"=", "!=", "contains", "not_contains"}, empties...),
	jsonField:   slices.Concat(orders, patterns, empties),
	scoreField:  slices.Concat(orders, empties),
	errorField:  empties,
}

// condition writes the filter in SQL. Values are always arguments.
func (f Filter) condition(kind Kind) (condition, error) {
	found, key, err := lookUp(kind, f.Field)
	if err != nil {
		return condition{}, err
	}
	if f.Key != "" {
		key = f.Key
	}
	if err := f.check(found.kind); err != nil {
		return condition{}, err
	}
	return f.compare(found.kind, operand(found, key))
}

// check refuses what Opik refuses, in its words.
func (f Filter) check(kind fieldType) error {
	if !slices.Contains(operators[kind], f.Operator) {
		return Unknown(fmt.Sprintf("Invalid operator '%.20s' for field '%.60s' of type '%s'", f.Operator, f.Field, kind))
	}
	blank := strings.TrimSpace(f.Value) == "" && kind != jsonField && !slices.Contains(empties, f.Operator)
	if blank || len(f.Value) > maxValue {
		return f.invalid(kind)
	}
	return nil
}

// invalid is the refusal of a value.
func (f Filter) invalid(kind fieldType) error {
	return Unknown(fmt.Sprintf("Invalid value '%.60s' or key '%.60s' for field '%.60s' of type '%s'", f.Value, f.Key, f.Field, kind))
}

// operand is what a filter looks at: a column, or what stands under a key.
func operand(of field, key string) condition {
	switch {
	case of.kind == scoreField:
		return condition{of.expr, []any{key}}
	case of.kind == jsonField && key != "":
		path := jsonPath(key)
		text := "CASE json_type(" + of.expr + ", ?) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE json_extract(" + of.expr + ", ?) END"
		return condition{"(" + text + ")", []any{path, path}}
	}
	return condition{text: of.expr}
}

// compare applies the operator.
func (f Filter) compare(kind fieldType, o condition) (condition, error) {
	switch f.Operator {
	case "is_empty":
		return condition{"coalesce(" + o.text + ", '') IN ('', '[]')", o.args}, nil
	case "is_not_empty":
		return condition{"coalesce(" + o.text + ", '') NOT IN ('', '[]')", o.args}, nil
	case "in":
		return f.oneOf(kind, o, "IN")
	case "not_in":
		return f.oneOf(kind, o, "NOT IN")
	}
	if like, ok := likes[f.Operator]; ok {
		return f.like(kind, o, like), nil
	}
	return f.order(kind, o)
}

// oneOf compares with a list, which Opik separates by commas.
func (f Filter) oneOf(kind fieldType, o condition, operator string) (condition, error) {
	var list []string
	for part := range strings.SplitSeq(f.Value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	if len(list) == 0 {
		return condition{}, f.invalid(kind)
	}
	text := "coalesce(" + o.text + ", '') " + operator + " (SELECT value FROM json_each(?))"
	return condition{text, append(o.args, jsonText(list, len(list)))}, nil
}

// pattern says what stands around a value.
type pattern struct{ before, after, not string }

// likes are the operators that compare with a pattern.
var likes = map[string]pattern{
	"contains":     {"%", "%", ""},
	"not_contains": {"%", "%", "NOT "},
	"starts_with":  {"", "%", ""},
	"ends_with":    {"%", "", ""},
}

// like compares with a pattern: a text, or each of a list.
func (f Filter) like(kind fieldType, o condition, p pattern) condition {
	args := slices.Concat(o.args, []any{p.before + escapeLike(f.Value) + p.after})
	if kind == listField {
		return condition{p.not + "EXISTS (SELECT 1 FROM json_each(coalesce(" + o.text + `, '[]')) WHERE value LIKE ? ESCAPE '\')`, args}
	}
	return condition{"coalesce(" + o.text + ", '') " + p.not + `LIKE ? ESCAPE '\'`, args}
}

// order compares with a value of the field's type.
func (f Filter) order(kind fieldType, o condition) (condition, error) {
	switch kind {
	case numberField, scoreField:
		return f.orderNumber(kind, o)
	case timeField:
		moment, err := ParseTime(f.Value)
		if err != nil {
			return condition{}, f.invalid(kind)
		}
		return condition{o.text + " " + f.Operator + " ?", append(o.args, moment)}, nil
	case listField:
		not := map[string]string{"=": "", "!=": "NOT "}[f.Operator]
		return condition{not + "EXISTS (SELECT 1 FROM json_each(coalesce(" + o.text + ", '[]')) WHERE value = ?)", append(o.args, f.Value)}, nil
	case enumField:
		return condition{"coalesce(" + o.text + ", '') " + f.Operator + " ?", append(o.args, f.Value)}, nil
	case jsonField:
		if strings.ContainsAny(f.Operator, "<>") {
			return f.orderJSON(o)
		}
	}
	return condition{"lower(coalesce(" + o.text + ", '')) " + f.Operator + " lower(?)", append(o.args, f.Value)}, nil
}

// orderNumber compares numbers. What has no score has another one than any, as in Opik.
func (f Filter) orderNumber(kind fieldType, o condition) (condition, error) {
	number, err := strconv.ParseFloat(f.Value, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return condition{}, f.invalid(kind)
	}
	operator := f.Operator
	if kind == scoreField && operator == "!=" {
		operator = "IS NOT"
	}
	return condition{o.text + " " + operator + " ?", append(o.args, number)}, nil
}

// orderJSON compares what a document holds with a number. What is none is neither more nor less.
func (f Filter) orderJSON(o condition) (condition, error) {
	number, err := strconv.ParseFloat(f.Value, 64)
	if err != nil {
		return condition{text: "0"}, nil
	}
	text := "(SELECT CASE WHEN typeof(v) IN ('integer', 'real') OR v GLOB '[0-9-]*' AND v NOT GLOB '*[^0-9.eE+-]*' THEN CAST(v AS REAL) END FROM (SELECT " +
		o.text + " AS v)) " + f.Operator + " ?"
	return condition{text, append(o.args, number)}, nil
}
