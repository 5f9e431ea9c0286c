package store

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
)

//go:embed schema.sql
var schema string

//go:embed prompts.sql
var withPrompts string

// migrations make of version N, the index, version N+1. One that was released never changes.
var migrations = []string{schema, withPrompts}

// migrate brings the database to the newest version. The version is SQLite's user_version.
func migrate(ctx context.Context, conn *sql.Conn) error {
	var version int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("it is of version %d, and this opik-local knows versions up to %d: install a newer one", version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		script := fmt.Sprintf("BEGIN IMMEDIATE; %s; PRAGMA user_version = %d; COMMIT", migrations[version], version+1)
		if _, err := conn.ExecContext(ctx, script); err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK") // the first error is the one to tell
			return fmt.Errorf("migrating to version %d: %w", version+1, err)
		}
	}
	return nil
}
