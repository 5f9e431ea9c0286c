package api

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/opikgen/opikgen/local/internal/store"
)

// rowJSON is a trace or a span as clients send it, whole or as an update. What is nil was not sent.
type rowJSON struct {
	ID          *string         `json:"id"`
	ProjectName *string         `json:"project_name"`
	ProjectID   *string         `json:"project_id"`
	TraceID     *string         `json:"trace_id"`
	ParentID    *string         `json:"parent_span_id"`
	Name        *string         `json:"name"`
	Type        *string         `json:"type"`
	ThreadID    *string         `json:"thread_id"`
	Start       *store.Time     `json:"start_time"`
	End         *store.Time     `json:"end_time"`
	Updated     *store.Time     `json:"last_updated_at"`
	Input       json.RawMessage `json:"input"`
	Output      json.RawMessage `json:"output"`
	Metadata    json.RawMessage `json:"metadata"`
	Model       *string         `json:"model"`
	Provider    *string         `json:"provider"`
	Tags        []string        `json:"tags"`
	AddTags     []string        `json:"tags_to_add"`
	RemoveTags  []string        `json:"tags_to_remove"`
	Usage       usage           `json:"usage"`
	Error       *failure        `json:"error_info"`
	Cost        *float64        `json:"total_estimated_cost"`
	TTFT        *float64        `json:"ttft"`
	Source      *string         `json:"source"`
	Environment *string         `json:"environment"`
}

// failure is the error of a row.
type failure struct {
	Type      string `json:"exception_type"`
	Message   string `json:"message,omitempty"`
	Traceback string `json:"traceback"`
}

// usage are token counts. Opik skips nulls and takes whole numbers of 32 bits.
type usage map[string]int64

// UnmarshalJSON reads the counts.
func (u *usage) UnmarshalJSON(text []byte) error {
	var counts map[string]*float64
	if err := json.Unmarshal(text, &counts); err != nil {
		return fmt.Errorf("usage is a map of whole numbers: %w", err)
	}
	*u = usage{}
	for name, count := range counts {
		if count == nil {
			continue
		}
		if math.Abs(*count) > math.MaxInt32 {
			return fmt.Errorf("usage %.60q is not a number of 32 bits", name)
		}
		(*u)[name] = int64(*count)
	}
	return nil
}

// sources are the values of source that are kept. Another one is dropped without a word, as in Opik.
var sources = []string{"sdk", "experiment", "playground", "optimization", "evaluator"}

// types are what a span can be.
var types = []string{"general", "tool", "llm", "guardrail"}

// entity is the kind as Opik's messages spell it.
func entity(kind store.Kind) string {
	return strings.ToUpper(string(kind[:1])) + string(kind[1:])
}

// checkID returns an id in lower case. Ids of rows are version 7 UUIDs.
func checkID(what, text string) (string, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return "", &refusal{status: http.StatusBadRequest, message: "Invalid UUID for " + what, details: printable(text) + " is not a UUID"}
	}
	if id.Version() != 7 {
		return "", &refusal{status: http.StatusBadRequest, message: "Invalid UUID for " + what, details: what + " must be a version 7 UUID"}
	}
	return id.String(), nil
}

// rules collects the messages of what is wrong with one document.
type rules struct {
	path     string
	messages []string
}

// require notes a message where something does not hold.
func (r *rules) require(holds bool, message string) {
	if !holds {
		r.messages = append(r.messages, r.path+message)
	}
}

// err is the refusal of what was noted.
func (r *rules) err() error {
	if len(r.messages) == 0 {
		return nil
	}
	return invalid(r.messages...)
}

// notBlank reports whether a text that was sent says something.
func notBlank(text *string) bool { return text == nil || !isBlank(*text) }

// shared are the rules of creates and updates.
func (j *rowJSON) shared(r *rules) {
	r.require(notBlank(j.ProjectName), "project_name must not be blank")
	r.require(j.Cost == nil || *j.Cost >= 0, "total_estimated_cost must be greater than or equal to 0.0")
	r.require(j.TTFT == nil || *j.TTFT >= 0, "ttft must be greater than or equal to 0")
	r.require(j.Environment == nil || len(*j.Environment) <= 150, "environment size must be between 0 and 150")
}

// row checks a create and returns its row.
func (j *rowJSON) row(kind store.Kind, path string) (store.Row, error) {
	r := rules{path: path}
	r.require(j.Start != nil, "start_time must not be null")
	r.require(kind == store.Trace || j.TraceID != nil, "trace_id must not be null")
	j.shared(&r)
	if err := r.err(); err != nil {
		return store.Row{}, err
	}
	row := store.Row{
		ProjectName: text(j.ProjectName), Name: text(j.Name), Start: *j.Start, End: value(j.End), Updated: value(j.Updated),
		Input: j.Input, Output: j.Output, Metadata: j.Metadata, Tags: unique(j.Tags), Error: j.failureJSON(), TTFT: j.TTFT,
		Source: j.source(), Environment: text(j.Environment),
	}
	if kind == store.Trace {
		row.ThreadID = text(j.ThreadID)
		return row, j.ids(kind, &row)
	}
	row.Model, row.Provider, row.Usage, row.Cost, row.Type = text(j.Model), text(j.Provider), j.Usage, j.Cost, "unknown"
	if j.Type != nil {
		row.Type = *j.Type
		if err := checkType(row.Type); err != nil {
			return row, err
		}
	}
	return row, j.ids(kind, &row)
}

// ids checks and sets the ids of a row. Without one it gets a new one.
func (j *rowJSON) ids(kind store.Kind, row *store.Row) (err error) {
	row.ID = uuid.Must(uuid.NewV7()).String()
	if j.ID != nil {
		if row.ID, err = checkID(entity(kind)+" id", *j.ID); err != nil {
			return err
		}
	}
	row.TraceID, row.ParentID, err = j.place(kind)
	return err
}

// place checks and returns where a span is.
func (j *rowJSON) place(kind store.Kind) (trace, parent string, err error) {
	if kind == store.Trace {
		return "", "", nil
	}
	if trace, err = checkID("trace_id", text(j.TraceID)); err != nil {
		return "", "", err
	}
	if j.ParentID != nil {
		parent, err = checkID("parent_span_id", *j.ParentID)
	}
	return trace, parent, err
}

// checkType refuses what is not a type of spans.
func checkType(name string) error {
	if slices.Contains(types, name) {
		return nil
	}
	return malformed(fmt.Errorf("type %.60q is none of %s", name, strings.Join(types, ", ")))
}

// failureJSON is the error as it is stored.
func (j *rowJSON) failureJSON() json.RawMessage {
	if j.Error == nil {
		return nil
	}
	text, _ := json.Marshal(j.Error) // three texts can always be encoded
	return text
}

// source drops what Opik does not know.
func (j *rowJSON) source() string {
	if j.Source != nil && slices.Contains(sources, *j.Source) {
		return *j.Source
	}
	return ""
}

// patch checks an update and returns what it changes.
func (j *rowJSON) patch(kind store.Kind) (store.Patch, error) {
	r := rules{}
	r.require(j.ProjectID == nil || uuid.Validate(*j.ProjectID) == nil, "project_id must be a UUID")
	for name, tags := range map[string][]string{"tags": j.Tags, "tags_to_add": j.AddTags, "tags_to_remove": j.RemoveTags} {
		r.require(len(tags) <= store.MaxTags, name+" size must be between 0 and 50")
		r.require(!slices.ContainsFunc(tags, func(tag string) bool { return isBlank(tag) || len([]rune(tag)) > 100 }),
			name+" must not be blank and have at most 100 characters")
	}
	j.shared(&r)
	if err := r.err(); err != nil {
		return store.Patch{}, err
	}
	patch := store.Patch{
		ProjectName: text(j.ProjectName), ProjectID: strings.ToLower(text(j.ProjectID)), Name: j.Name, End: j.End,
		Input: j.Input, Output: j.Output, Metadata: j.Metadata, Error: j.failureJSON(),
		Tags: j.Tags, AddTags: j.AddTags, RemoveTags: j.RemoveTags, TTFT: j.TTFT, Environment: j.Environment,
	}
	if source := j.source(); source != "" {
		patch.Source = &source
	}
	if kind == store.Trace {
		patch.ThreadID = j.ThreadID
		return patch, nil
	}
	patch.Type, patch.Model, patch.Provider, patch.Cost = j.Type, j.Model, j.Provider, j.Cost
	if j.Usage != nil {
		patch.Usage = j.Usage
	}
	if j.Type != nil {
		return patch, checkType(*j.Type)
	}
	return patch, nil
}

// text is the text, or "" where none was sent.
func text(sent *string) string {
	if sent == nil {
		return ""
	}
	return *sent
}

// value is the time, or 0 where none was sent.
func value(sent *store.Time) store.Time {
	if sent == nil {
		return 0
	}
	return *sent
}

// unique drops what was there before.
func unique(tags []string) []string {
	seen := make(map[string]bool, len(tags))
	return slices.DeleteFunc(tags, func(tag string) bool {
		again := seen[tag]
		seen[tag] = true
		return again
	})
}

// imageText are encoded images, which truncated answers leave out.
var imageText = regexp.MustCompile(`"(data:image/[^"]{0,100};base64,[^"]*|(iVBORw0KGgo|/9j/|R0lGOD|UklGR)[A-Za-z0-9+/=]{100,})"`)

// maxTruncated is how much of a value a truncated answer holds.
const maxTruncated = 10001

// truncated is a value without images, and, where it is too long, the beginning of its text.
func truncated(document json.RawMessage) json.RawMessage {
	short := imageText.ReplaceAll(document, []byte(`"[image]"`))
	if len(short) <= maxTruncated {
		return short
	}
	text, err := json.Marshal(strings.ToValidUTF8(string(short[:maxTruncated]), ""))
	if err != nil {
		return nil // a text can always be encoded
	}
	return text
}
