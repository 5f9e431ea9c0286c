package rest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// An apiDocument is as much of an OpenAPI document as the tests look at.
type apiDocument struct {
	Paths      map[string]map[string]operation `yaml:"paths"`
	Components struct {
		Schemas map[string]*schema `yaml:"schemas"`
	} `yaml:"components"`
}

// An operation is a method on a path.
type operation struct {
	ID         string      `yaml:"operationId"`
	Tags       []string    `yaml:"tags"`
	Parameters []parameter `yaml:"parameters"`
	Body       *struct {
		Content map[string]struct {
			Schema *schema `yaml:"schema"`
		} `yaml:"content"`
	} `yaml:"requestBody"`
}

// A parameter is a part of a path or a query.
type parameter struct {
	Name     string  `yaml:"name"`
	In       string  `yaml:"in"`
	Required bool    `yaml:"required"`
	Schema   *schema `yaml:"schema"`
}

// A schema says what a value may be.
type schema struct {
	Ref                  string             `yaml:"$ref"`
	Type                 string             `yaml:"type"`
	Format               string             `yaml:"format"`
	Enum                 []string           `yaml:"enum"`
	Pattern              string             `yaml:"pattern"`
	MinLength            *int               `yaml:"minLength"`
	MaxLength            *int               `yaml:"maxLength"`
	Minimum              *float64           `yaml:"minimum"`
	Maximum              *float64           `yaml:"maximum"`
	MinItems             *int               `yaml:"minItems"`
	MaxItems             *int               `yaml:"maxItems"`
	Items                *schema            `yaml:"items"`
	Properties           map[string]*schema `yaml:"properties"`
	Required             []string           `yaml:"required"`
	AdditionalProperties *schema            `yaml:"additionalProperties"`
	ReadOnly             bool               `yaml:"readOnly"`
	AnyOf                []*schema          `yaml:"anyOf"`
}

// find follows references.
func (d *apiDocument) find(s *schema) *schema {
	for s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

// check returns what is wrong with a value that was decoded from JSON, each finding with its place.
func (d *apiDocument) check(s *schema, place string, value any) []string {
	s = d.find(s)
	if len(s.AnyOf) > 0 {
		return d.checkAny(s, place, value)
	}
	switch v := value.(type) {
	case nil:
		return []string{place + " is null"}
	case string:
		return s.checkString(place, v)
	case float64:
		return s.checkNumber(place, v)
	case bool:
		return s.checkType(place, "boolean")
	case []any:
		return d.checkList(s, place, v)
	case map[string]any:
		return d.checkObject(s, place, v)
	}
	return []string{fmt.Sprintf("%s is a %T", place, value)}
}

// checkAny wants one of several schemas to fit.
func (d *apiDocument) checkAny(s *schema, place string, value any) (found []string) {
	for _, option := range s.AnyOf {
		wrong := d.check(option, place, value)
		if len(wrong) == 0 {
			return nil
		}
		found = append(found, wrong...)
	}
	return found
}

func (s *schema) checkType(place string, is ...string) []string {
	if slices.Contains(is, s.Type) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v, expected %s", place, is, s.Type)}
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func (s *schema) checkString(place, value string) []string {
	found := s.checkType(place, "string")
	expect := func(ok bool, what string) {
		if !ok {
			found = append(found, fmt.Sprintf("%s is %q, expected %s", place, value, what))
		}
	}
	length := utf8.RuneCountInString(value)
	expect(len(s.Enum) == 0 || slices.Contains(s.Enum, value), strings.Join(s.Enum, ", "))
	expect(s.MinLength == nil || length >= *s.MinLength, "a longer text")
	expect(s.MaxLength == nil || length <= *s.MaxLength, "a shorter text")
	expect(s.Pattern == "" || regexp.MustCompile(s.Pattern).MatchString(value), s.Pattern)
	expect(s.Format != "uuid" || uuidForm.MatchString(value), "a UUIDv7")
	_, err := time.Parse(time.RFC3339Nano, value)
	expect(s.Format != "date-time" || err == nil && strings.HasSuffix(value, "Z"), "a time in UTC")
	return found
}

func (s *schema) checkNumber(place string, value float64) []string {
	kinds := []string{"number"}
	if value == float64(int64(value)) {
		kinds = append(kinds, "integer")
	}
	found := s.checkType(place, kinds...)
	if s.Minimum != nil && value < *s.Minimum || s.Maximum != nil && value > *s.Maximum {
		found = append(found, fmt.Sprintf("%s is %v, which is out of range", place, value))
	}
	return found
}

func (d *apiDocument) checkList(s *schema, place string, list []any) []string {
	found := s.checkType(place, "array")
	if s.MinItems != nil && len(list) < *s.MinItems || s.MaxItems != nil && len(list) > *s.MaxItems {
		found = append(found, fmt.Sprintf("%s has %d items", place, len(list)))
	}
	for i, item := range list {
		if s.Items != nil {
			found = append(found, d.check(s.Items, fmt.Sprintf("%s[%d]", place, i), item)...)
		}
	}
	return found
}

func (d *apiDocument) checkObject(s *schema, place string, object map[string]any) []string {
	found := s.checkType(place, "object")
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			found = append(found, place+"."+name+" is missing")
		}
	}
	for name, value := range object {
		found = append(found, d.checkProperty(s, place+"."+name, name, value)...)
	}
	return found
}

// checkProperty checks a property, and whether it may be there.
func (d *apiDocument) checkProperty(s *schema, place, name string, value any) []string {
	property, ok := s.Properties[name]
	switch {
	case ok && (property.ReadOnly || d.find(property).ReadOnly):
		return []string{place + " is read only"}
	case ok:
		return d.check(property, place, value)
	case s.AdditionalProperties != nil:
		return d.check(s.AdditionalProperties, place, value)
	case len(s.Properties) == 0: // any object
		return nil
	}
	return []string{place + " is not in the document"}
}
