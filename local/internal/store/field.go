package store

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// fieldType says how a field is compared. Its text is what Opik's messages call it.
type fieldType string

const (
	textField   fieldType = "STRING"
	enumField   fieldType = "ENUM" // a text of a few that are known
	numberField fieldType = "NUMBER"
	timeField   fieldType = "DATE_TIME"
	listField   fieldType = "LIST"       // a JSON array of texts
	jsonField   fieldType = "DICTIONARY" // a JSON document, with a key a part of it
	scoreField  fieldType = "FEEDBACK_SCORES_NUMBER"
	errorField  fieldType = "ERROR_CONTAINER"
)

// field is something that rows can be filtered and sorted by. expr is SQL over r, the row, and u, the sums of a trace.
type field struct {
	kind fieldType
	expr string
}

// none is a field of something that a local Opik does not have, so that nothing has a value.
var none = map[fieldType]field{textField: {textField, "''"}, enumField: {enumField, "''"}, listField: {listField, "'[]'"}}

// rowFields are the fields that traces and spans share.
var rowFields = map[string]field{
	"id": {textField, "r.id"}, "name": {textField, "r.name"}, "project_id": {textField, "r.project_id"},
	"source": {enumField, "r.source"}, "environment": {enumField, "r.environment"},
	"start_time": {timeField, "r.start"}, "end_time": {timeField, "r.end"},
	"created_at": {timeField, "r.created"}, "last_updated_at": {timeField, "r.updated"},
	"duration": {numberField, "(r.end - r.start) / 1e6"}, "ttft": {numberField, "r.ttft"},
	"input": {textField, "r.input"}, "output": {textField, "r.output"}, "metadata": {jsonField, "r.metadata"},
	"input_json": {jsonField, "r.input"}, "output_json": {jsonField, "r.output"},
	"tags": {listField, "r.tags"}, "error_info": {errorField, "r.error"}, "error_type": {textField, "json_extract(r.error, '$.exception_type')"},
	"created_by": {textField, "'" + author + "'"}, "last_updated_by": {textField, "'" + author + "'"},
}

// fieldsOf holds the fields of each kind.
var fieldsOf = map[Kind]map[string]field{
	Trace: with(rowFields, map[string]field{
		"thread_id":               {textField, "r.thread_id"},
		"feedback_scores":         {scoreField, scoreOf(Trace)},
		"span_feedback_scores":    {scoreField, scoreOfSpans},
		"total_estimated_cost":    {numberField, "coalesce(u.cost, 0)"},
		"usage.total_tokens":      {numberField, "coalesce(u.tokens, 0)"},
		"usage.prompt_tokens":     {numberField, usageOfSpans("prompt_tokens")},
		"usage.completion_tokens": {numberField, usageOfSpans("completion_tokens")},
		"span_count":              {numberField, "coalesce(u.spans, 0)"},
		"llm_span_count":          {numberField, "coalesce(u.llm, 0)"},
		"visibility_mode":         {enumField, "'default'"},
		"guardrails":              none[textField], "experiment_id": none[textField], "experiment_ids": none[enumField], "annotation_queue_ids": none[listField],
	}),
	Span: with(rowFields, map[string]field{
		"trace_id": {textField, "r.trace_id"}, "parent_span_id": {textField, "r.parent_id"},
		"type": {enumField, "r.type"}, "model": {textField, "r.model"}, "provider": {textField, "r.provider"},
		"feedback_scores":         {scoreField, scoreOf(Span)},
		"total_estimated_cost":    {numberField, "coalesce(r.cost, 0)"},
		"usage.total_tokens":      {numberField, "r.tokens"},
		"usage.prompt_tokens":     {numberField, "json_extract(r.usage, '$.prompt_tokens')"},
		"usage.completion_tokens": {numberField, "json_extract(r.usage, '$.completion_tokens')"},
	}),
	Thread: {
		"id": {textField, "r.id"}, "status": {enumField, "iif(r.closed, 'inactive', 'active')"},
		"first_message": {textField, "r.input"}, "last_message": {textField, "r.output"},
		"start_time": {timeField, "r.start"}, "end_time": {timeField, "r.end"},
		"created_at": {timeField, "r.created"}, "last_updated_at": {timeField, "r.updated"},
		"duration": {numberField, "r.duration"}, "number_of_messages": {numberField, "r.traces * 2"},
		"total_estimated_cost": {numberField, "r.cost"}, "usage.total_tokens": {numberField, "r.tokens"},
		"tags": {listField, "r.tags"}, "feedback_scores": {scoreField, scoreOf(Thread)},
		"source": {enumField, ofFirstTrace("source")}, "environment": {enumField, ofFirstTrace("environment")},
		"annotation_queue_ids": none[listField],
	},
	promptKind: {
		"id": {textField, "r.id"}, "name": {textField, "r.name"}, "description": {textField, "r.description"}, "tags": {listField, "r.tags"},
		"template_structure": {enumField, "r.structure"}, "created_at": {timeField, "r.created"}, "last_updated_at": {timeField, "r.updated"},
		"version_count": {numberField, "(SELECT count(*) FROM prompt_versions v WHERE v.prompt_id = r.id)"},
		"created_by":    {textField, "'" + author + "'"}, "last_updated_by": {textField, "'" + author + "'"},
	},
	versionKind: {
		"id": {textField, "r.id"}, "commit": {textField, "r.commit_id"}, "template": {textField, "r.template"}, "change_description": {textField, "r.change"},
		"metadata": {jsonField, "r.metadata"}, "type": {enumField, "r.type"}, "tags": {listField, "r.tags"}, "version_number": {textField, "'v' || r.number"},
		"created_at": {timeField, "r.created"}, "created_by": {textField, "'" + author + "'"},
	},
}

// with returns the fields of both.
func with(fields, more map[string]field) map[string]field {
	all := maps.Clone(fields)
	maps.Copy(all, more)
	return all
}

// scoreOf is the mean of the scores of a name, which is the next argument.
func scoreOf(kind Kind) string {
	return "(SELECT avg(value) FROM scores s WHERE s.kind = '" + string(kind) +
		"' AND s.entity_id = r.id AND s.project_id = r.project_id AND lower(s.name) = lower(?))"
}

// scoreOfSpans is the mean of such scores of a trace's spans.
const scoreOfSpans = `(SELECT avg(s.value) FROM spans p JOIN scores s ON s.kind = 'span' AND s.entity_id = p.id AND s.project_id = p.project_id
	WHERE p.trace_id = r.id AND p.project_id = r.project_id AND p.live = 1 AND lower(s.name) = lower(?))`

// usageOfSpans is a token count of a trace.
func usageOfSpans(name string) string {
	return "coalesce((SELECT sum(json_extract(p.usage, '$." + name + "')) FROM spans p WHERE p.trace_id = r.id AND p.project_id = r.project_id AND p.live = 1), 0)"
}

// ofFirstTrace is a column of the trace that began a thread.
func ofFirstTrace(column string) string {
	return "(SELECT f." + column + " FROM traces f WHERE f.project_id = r.project_id AND f.thread_id = r.id ORDER BY f.start LIMIT 1)"
}

// An Unknown field or operator is one that Opik has not, or that a local one does not know.
type Unknown string

// Error says what is not known.
func (u Unknown) Error() string { return string(u) }

// sortable are the fields that a list says it can be sorted by.
func sortable(kind Kind) []string {
	names := []string{"feedback_scores.*"}
	for name, field := range fieldsOf[kind] {
		if field.kind != scoreField && field.kind != jsonField && none[field.kind] != field {
			names = append(names, name)
		}
	}
	return names
}

// lookUp finds a field. Where the name has a key behind a dot, as in metadata.version, the key is returned, too.
func lookUp(kind Kind, name string) (found field, key string, err error) {
	if found, ok := fieldsOf[kind][name]; ok {
		return found, "", nil
	}
	base, key, _ := strings.Cut(name, ".")
	for _, spelled := range []string{base + "_json", base} {
		found, ok := fieldsOf[kind][spelled]
		if ok && key != "" && (found.kind == jsonField || found.kind == scoreField) {
			return found, key, nil
		}
	}
	return field{}, "", Unknown(fmt.Sprintf("no field %.60q of %ss", name, kind))
}

// jsonPath turns a key as Opik has it, a.b[0].c or $.a, into SQLite's path.
func jsonPath(key string) string {
	key = strings.TrimPrefix(strings.TrimPrefix(key, "$"), ".")
	var path strings.Builder
	path.WriteByte('$')
	for part := range strings.SplitSeq(key, ".") {
		name, index, hasIndex := strings.Cut(part, "[")
		if name != "" {
			path.WriteString(`."` + unquotable.Replace(name) + `"`)
		}
		if hasIndex && isIndex(index) {
			path.WriteString("[" + index)
		}
	}
	return path.String()
}

// unquotable leaves out what SQLite's paths have no escape for.
var unquotable = strings.NewReplacer(`"`, "", `\`, "")

// isIndex matches what follows the bracket of an index, such as 0] or 1][2].
var isIndex = regexp.MustCompile(`^\d{1,9}\](\[\d{1,9}\])*$`).MatchString
