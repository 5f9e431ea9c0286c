package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// A Query says which spans, traces or threads of a project are meant. The zero value is all of the client's project.
type Query struct {
	ProjectName string // the client's, unless ProjectID is set
	ProjectID   string

	TraceID string   // spans only
	Type    SpanType // spans only

	Filters []Filter // what is meant passes all of them
	Where   string   // and this, in Opik's query language, see [ParseFilters]
	Text    string   // to look for anywhere in an item; not for Search
	From    time.Time
	To      time.Time

	// What is read of an item: not the fields that are named in Exclude (input, output, feedback_scores and so on; not
	// for threads), only the beginning of large values if Truncate is set, and the names of attachments in place of
	// their content if StripAttachments is (which Search does not do for spans).
	Exclude          []string
	Truncate         bool
	StripAttachments bool

	Sort []Sort // List only; without, the order is Opik's

	// PageSize is how many items come with one request: at most 2000, which Search takes by default. List has 100.
	PageSize int
	Page     int    // List only: the first page, from 1
	After    string // Search only: goes on behind the item with this id, which for threads is the ModelID
}

// Sort orders a List by a field. What can be sorted by is in [Page.SortableBy].
type Sort struct {
	Field      string
	Descending bool
}

// MarshalJSON writes the order as Opik reads it.
func (s Sort) MarshalJSON() ([]byte, error) {
	direction := "ASC"
	if s.Descending {
		direction = "DESC"
	}
	return json.Marshal(map[string]string{"field": s.Field, "direction": direction})
}

const (
	longestPage     = 2000 // is what Opik allows
	defaultListPage = 100
)

// checked checks what does not depend on the endpoint, and returns all filters.
func (q Query) checked(entity Entity) ([]wireFilter, error) {
	if entity != EntitySpan && (q.TraceID != "" || q.Type != "") {
		return nil, fmt.Errorf("a query for %ss has no TraceID and no Type", entity)
	}
	if q.TraceID != "" {
		if err := checkID("trace", q.TraceID); err != nil {
			return nil, err
		}
	}
	if entity == EntityThread && len(q.Exclude) > 0 {
		return nil, errors.New("a query for threads has no Exclude")
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.To.After(q.From) {
		return nil, errors.New("the query ends before it begins: To must be after From")
	}
	if q.PageSize < 0 || q.PageSize > longestPage {
		return nil, fmt.Errorf("PageSize is %d: want 1 to %d", q.PageSize, longestPage)
	}
	return q.filters(entity)
}

// filters returns both kinds of filters as Opik takes them.
func (q Query) filters(entity Entity) ([]wireFilter, error) {
	parsed, err := ParseFilters(entity, q.Where)
	if err != nil {
		return nil, err
	}
	var filters []wireFilter
	for i, filter := range append(q.Filters[:len(q.Filters):len(q.Filters)], parsed...) {
		wire, err := filter.wire(entity)
		if err != nil {
			return nil, fmt.Errorf("filter %d: %w", i+1, err)
		}
		filters = append(filters, wire)
	}
	return filters, nil
}

// A searchBody is what the search endpoints take.
type searchBody struct {
	ProjectName      string       `json:"project_name,omitempty"`
	ProjectID        string       `json:"project_id,omitempty"`
	TraceID          string       `json:"trace_id,omitempty"`
	Type             SpanType     `json:"type,omitempty"`
	Filters          []wireFilter `json:"filters,omitempty"`
	Limit            int          `json:"limit"`
	LastID           string       `json:"last_retrieved_id,omitempty"`
	LastModelID      string       `json:"last_retrieved_thread_model_id,omitempty"`
	Truncate         bool         `json:"truncate"` // Opik's default is not what its documentation says
	StripAttachments bool         `json:"strip_attachments,omitempty"`
	Exclude          []string     `json:"exclude,omitempty"`
	From             time.Time    `json:"from_time,omitzero"`
	To               time.Time    `json:"to_time,omitzero"`
}

// search returns the body of a search.
func (q Query) search(c *Client, entity Entity) (searchBody, error) {
	filters, err := q.checked(entity)
	if err != nil {
		return searchBody{}, err
	}
	if len(q.Sort) > 0 || q.Page != 0 || q.Text != "" {
		return searchBody{}, errors.New("a search has no Sort, Page or Text: use List")
	}
	if entity == EntitySpan && q.StripAttachments {
		return searchBody{}, errors.New("a search for spans has no StripAttachments: use List")
	}
	body := searchBody{
		TraceID: q.TraceID, Type: q.Type, Filters: filters, Limit: longestPage,
		Truncate: q.Truncate, StripAttachments: q.StripAttachments, Exclude: q.Exclude,
		From: inUTC(q.From), To: inUTC(q.To),
	}
	body.ProjectName, body.ProjectID = c.inProject(q.ProjectName, q.ProjectID)
	if q.PageSize > 0 {
		body.Limit = q.PageSize
	}
	if q.After == "" {
		return body, nil
	}
	body.goOn(entity, q.After)
	return body, checkID(string(entity), q.After)
}

// goOn makes the search begin behind an item.
func (b *searchBody) goOn(entity Entity, id string) {
	if entity == EntityThread {
		b.LastModelID = id
	} else {
		b.LastID = id
	}
}

// selection returns the parameters that lists and statistics share.
func (q Query) selection(c *Client, entity Entity) (url.Values, error) {
	filters, err := q.checked(entity)
	if err != nil {
		return nil, err
	}
	if q.After != "" {
		return nil, errors.New("a list and statistics have no After: use Search")
	}
	projectName, projectID := c.inProject(q.ProjectName, q.ProjectID)
	values := url.Values{}
	set(values, "project_name", projectName)
	set(values, "project_id", projectID)
	set(values, "trace_id", q.TraceID)
	set(values, "type", string(q.Type))
	set(values, "search", q.Text)
	set(values, "from_time", timeParameter(q.From))
	set(values, "to_time", timeParameter(q.To))
	return values, setJSON(values, "filters", filters)
}

// stats returns the parameters of statistics.
func (q Query) stats(c *Client, entity Entity) (url.Values, error) {
	if len(q.Sort) > 0 || len(q.Exclude) > 0 || q.Page != 0 || q.PageSize != 0 || q.Truncate || q.StripAttachments {
		return nil, errors.New("statistics are of what is selected: Sort, Exclude, Page, PageSize, Truncate and StripAttachments are not for them")
	}
	return q.selection(c, entity)
}

// list returns the parameters of a list.
func (q Query) list(c *Client, entity Entity) (url.Values, error) {
	values, err := q.selection(c, entity)
	if err != nil {
		return nil, err
	}
	if q.Page < 0 {
		return nil, fmt.Errorf("Page is %d: want 1 or more", q.Page)
	}
	values.Set("page", strconv.Itoa(max(q.Page, 1)))
	values.Set("size", strconv.Itoa(q.listSize()))
	values.Set("truncate", strconv.FormatBool(q.Truncate))
	if q.StripAttachments {
		values.Set("strip_attachments", "true")
	}
	return values, errors.Join(setJSON(values, "sorting", q.Sort), setJSON(values, "exclude", q.Exclude))
}

// listSize returns the number of items of a page of a list.
func (q Query) listSize() int {
	if q.PageSize == 0 {
		return defaultListPage
	}
	return q.PageSize
}

// set sets a parameter unless it is empty.
func set(values url.Values, name, value string) {
	if value != "" {
		values.Set(name, value)
	}
}

// setJSON sets a parameter to a list in JSON unless it is empty.
func setJSON[T any](values url.Values, name string, list []T) error {
	if len(list) == 0 {
		return nil
	}
	text, err := encodeJSON(list)
	if err != nil {
		return err
	}
	values.Set(name, string(text))
	return nil
}

// timeParameter writes a time as Opik reads it.
func timeParameter(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
