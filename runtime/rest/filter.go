package rest

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// A Filter lets through what compares as it says. All filters of a query must.
type Filter struct {
	Field    string   // as in Opik: duration, tags, usage.total_tokens, metadata, feedback_scores and so on
	Key      string   // in metadata, input_json and output_json the path of a value, in feedback_scores the name of a score
	Operator Operator // "" is Equal

	// Value is a string, a number, a [time.Time], a [time.Duration], which is sent in milliseconds, or, for [In] and
	// [NotIn], a []string. [IsEmpty] and [IsNotEmpty] take none.
	Value any
}

// A wireFilter is what Opik takes.
type wireFilter struct {
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	Key      string   `json:"key,omitempty"`
	Value    string   `json:"value"`
}

// wire checks a filter and writes its value as Opik reads it.
func (f Filter) wire(entity Entity) (wireFilter, error) {
	if f.Operator == "" {
		f.Operator = Equal
	}
	k, err := kindOf(entity, f.Field)
	if err != nil {
		return wireFilter{}, err
	}
	if err := errors.Join(k.checkKey(f.Field, f.Key), k.checkOperator(f.Field, f.Operator)); err != nil {
		return wireFilter{}, err
	}
	value, err := k.value(f)
	if err != nil {
		return wireFilter{}, err
	}
	return wireFilter{Field: f.Field, Operator: f.Operator, Key: f.Key, Value: value}, nil
}

// value writes the value of a filter of this kind.
func (k *kind) value(f Filter) (string, error) {
	if f.Operator.bare() {
		if f.Value != nil && f.Value != "" {
			return "", fmt.Errorf("%s %s takes no value, found %v", f.Field, f.Operator, f.Value)
		}
		return "", nil
	}
	if f.Operator.many() {
		return several(f)
	}
	text, err := format(f.Value)
	if err != nil {
		return "", fmt.Errorf("the value of %s: %w", f.Field, err)
	}
	if text, err = k.normal(f.Field, text); err != nil {
		return "", err
	}
	if k.decoded {
		text = strings.NewReplacer("%", "%25", "+", "%2B").Replace(text)
	}
	return text, nil
}

// several writes a list of values.
func several(f Filter) (string, error) {
	values, ok := f.Value.([]string)
	if !ok || len(values) == 0 {
		return "", fmt.Errorf("%s %s wants several strings, found %v", f.Field, f.Operator, f.Value)
	}
	for _, value := range values {
		if strings.TrimSpace(value) == "" || strings.Contains(value, ",") {
			return "", fmt.Errorf("%s %s takes no value that is empty or holds a comma, found %q", f.Field, f.Operator, value)
		}
	}
	return strings.Join(values, ","), nil
}

// format writes a value as text.
func format(value any) (string, error) {
	switch v := value.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), nil
	case time.Duration:
		return decimal(float64(v) / float64(time.Millisecond))
	}
	switch v := reflect.ValueOf(value); {
	case v.Kind() == reflect.String:
		return v.String(), nil
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), nil
	case v.CanFloat():
		return decimal(v.Float())
	}
	return "", fmt.Errorf("found %v, expected a string, a number, a time or a duration", value)
}

// decimal writes a number without an exponent, which Opik does not read.
func decimal(f float64) (string, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "", fmt.Errorf("found %v, expected a finite number", f)
	}
	return strconv.FormatFloat(f, 'f', -1, 64), nil
}

// normal brings a value into the form of its kind.
func (k *kind) normal(field, value string) (string, error) {
	switch k {
	case number, score:
		f, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return "", fmt.Errorf("%s is %s, found %q", field, k.name, value)
		}
		return decimal(f)
	case instant:
		t, err := time.Parse(time.RFC3339Nano, value)
		if err != nil {
			return "", fmt.Errorf("%s is %s, found %q, expected one like 2006-01-02T15:04:05Z", field, k.name, value)
		}
		return t.UTC().Format(time.RFC3339Nano), nil
	}
	if k != object && strings.TrimSpace(value) == "" {
		return "", fmt.Errorf("the value of %s is blank: want one, or is_empty where the field takes it", field)
	}
	return value, nil
}
