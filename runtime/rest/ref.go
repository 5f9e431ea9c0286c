package rest

import (
	"context"
	"fmt"
	"regexp"
)

// Entity is a kind of what Opik keeps.
type Entity string

// The entities that can be scored and commented on. Spans and traces can have attachments, too.
const (
	EntitySpan   Entity = "span"
	EntityTrace  Entity = "trace"
	EntityThread Entity = "thread"
)

// A Ref names one span, trace or thread. [Span.Ref], [Trace.Ref] and [Thread.Ref] make complete ones of what was read.
type Ref struct {
	Entity Entity
	ID     string // a UUID; of a thread the id that the program gave it

	// ModelID is the UUID of a thread, by which its comments find it.
	ModelID string

	// The project is the client's where neither is set. Threads and attachments are found in their project only. An
	// attachment's project has to be known by its id: without it the client asks for it, which is a request more.
	ProjectName string
	ProjectID   string
}

// SpanRef names a span.
func SpanRef(id string) Ref { return Ref{Entity: EntitySpan, ID: id} }

// TraceRef names a trace.
func TraceRef(id string) Ref { return Ref{Entity: EntityTrace, ID: id} }

// ThreadRef names a thread, in the client's project unless the result's is set.
func ThreadRef(id string) Ref { return Ref{Entity: EntityThread, ID: id} }

// paths of the entities.
var paths = map[Entity]string{
	EntitySpan:   spansPath,
	EntityTrace:  tracesPath,
	EntityThread: threadsPath,
}

// path returns where requests about entities go.
func (e Entity) path() (string, error) {
	path, ok := paths[e]
	if !ok {
		return "", fmt.Errorf("found the entity %q, expected %q, %q or %q", string(e), EntitySpan, EntityTrace, EntityThread)
	}
	return path, nil
}

// path returns where requests about the one entity go.
func (r Ref) path() (string, error) {
	path, err := r.Entity.path()
	if err != nil {
		return "", err
	}
	id := r.ID
	if r.Entity == EntityThread {
		id = r.ModelID
	}
	return join(path, string(r.Entity), id)
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// join appends an id to a path. An id that is none could lead to another endpoint: an empty one to that of all items.
func join(path, what, id string) (string, error) {
	if err := checkID(what, id); err != nil {
		return "", err
	}
	return path + "/" + id, nil
}

// checkID finds ids that Opik would refuse.
func checkID(what, id string) error {
	if !uuidForm.MatchString(id) {
		return fmt.Errorf("found %q for the id of a %s, expected a UUID", id, what)
	}
	return nil
}

// inProject returns the project by name or by id, and the client's where neither is given. The id goes first.
func (c *Client) inProject(name, id string) (projectName, projectID string) {
	switch {
	case id != "":
		return "", id
	case name != "":
		return name, ""
	default:
		return c.project, ""
	}
}

// projectName returns the name of the project of ref, for which it asks if it must.
func (c *Client) projectName(ctx context.Context, ref Ref) (string, error) {
	name, id := c.inProject(ref.ProjectName, ref.ProjectID)
	if name != "" {
		return name, nil
	}
	project, err := c.Projects.Get(ctx, id)
	if err != nil {
		return "", fmt.Errorf("the project %s of the %s: %w", id, ref.Entity, err)
	}
	return project.Name, nil
}

// projectID returns the id of the project of ref, for which it asks if it must.
func (c *Client) projectID(ctx context.Context, ref Ref) (string, error) {
	name, id := c.inProject(ref.ProjectName, ref.ProjectID)
	if id != "" {
		return id, checkID("project", id)
	}
	project, err := c.Projects.Find(ctx, name)
	if err != nil {
		return "", fmt.Errorf("the project %q of the %s: %w", name, ref.Entity, err)
	}
	return project.ID, nil
}
