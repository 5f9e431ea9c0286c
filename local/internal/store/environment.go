package store

import (
	"cmp"
	"context"
	"database/sql"
)

// maxEnvironments is how many there may be, as in Opik.
const maxEnvironments = 100

// Environment is a name that traces carry, such as production, with the names of Opik's API.
type Environment struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Color       string `json:"color,omitempty"`
	Position    int    `json:"position"`
	Created     Time   `json:"created_at"`
	CreatedBy   string `json:"created_by"`
	Updated     Time   `json:"last_updated_at"`
	UpdatedBy   string `json:"last_updated_by"`
}

// CreateEnvironment stores an environment, whose name may not exist.
func (s *Store) CreateEnvironment(ctx context.Context, e Environment) (id string, err error) {
	e.ID = cmp.Or(e.ID, newID())
	return e.ID, s.writer.do(ctx, func(t *tx) error {
		var total, taken int
		if err := t.one("SELECT count(*), coalesce(sum(name = ? OR id = ?), 0) FROM environments", []any{e.Name, e.ID}, &total, &taken); err != nil {
			return err
		}
		if taken > 0 {
			return Conflict("Environment already exists")
		}
		if total >= maxEnvironments {
			return Conflict("Environment limit reached: maximum 100 per workspace")
		}
		now := TimeOf(s.now())
		return t.exec("INSERT INTO environments VALUES (?, ?, ?, ?, ?, ?, ?)", e.ID, e.Name, e.Description, e.Color, e.Position, now, now)
	})
}

// EnvironmentChange is an update of an environment. What is nil stays as it is.
type EnvironmentChange struct {
	Name, Description, Color *string
	Position                 *int
}

// UpdateEnvironment changes an environment.
func (s *Store) UpdateEnvironment(ctx context.Context, id string, change EnvironmentChange) error {
	return s.writer.do(ctx, func(t *tx) error {
		var there, taken int
		if err := t.one("SELECT coalesce(sum(id = ?1), 0), coalesce(sum(id <> ?1 AND name = ?2), 0) FROM environments",
			[]any{id, change.Name}, &there, &taken); err != nil {
			return err
		}
		if there == 0 {
			return ErrNotFound
		}
		if taken > 0 {
			return Conflict("Environment already exists")
		}
		return t.exec(`UPDATE environments SET name = coalesce(?, name), description = coalesce(?, description), color = coalesce(?, color),
			position = coalesce(?, position), updated = ? WHERE id = ?`, change.Name, change.Description, change.Color, change.Position, TimeOf(s.now()), id)
	})
}

// DeleteEnvironments removes environments. One that is not there is skipped.
func (s *Store) DeleteEnvironments(ctx context.Context, ids []string) error {
	return s.writer.do(ctx, func(t *tx) error {
		return t.exec("DELETE FROM environments WHERE id IN (SELECT value FROM json_each(?))", jsonText(ids, 1))
	})
}

// Environments returns all environments in their order.
func (s *Store) Environments(ctx context.Context) ([]Environment, error) {
	return collect(ctx, s, scanEnvironment, selectEnvironment+" ORDER BY position, name")
}

const selectEnvironment = "SELECT id, name, description, color, position, created, updated FROM environments"

// scanEnvironment reads a row of selectEnvironment.
func scanEnvironment(rows *sql.Rows) (Environment, error) {
	e := Environment{CreatedBy: author, UpdatedBy: author}
	err := rows.Scan(&e.ID, &e.Name, &e.Description, &e.Color, &e.Position, &e.Created, &e.Updated)
	return e, err
}

// Environment returns an environment by its id.
func (s *Store) Environment(ctx context.Context, id string) (Environment, error) {
	found, err := collect(ctx, s, scanEnvironment, selectEnvironment+" WHERE id = ?", id)
	return first(found, err)
}
