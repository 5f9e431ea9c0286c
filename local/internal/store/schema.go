package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
)

//go:embed schema.sql
var schema string

//go:embed prompts.sql
var withPrompts string

// migrations make of version N, the index, version N+1. One that was released never changes.
var migrations = []string{schema, withPrompts}

// migrate brings the database to the newest version. The version is SQLite's user_version. It is read within the
// transaction that changes it, as another process may open the same file at the same moment.
func migrate(ctx context.Context, conn *sql.Conn) error {
	for {
		version, err := versionOf(ctx, conn)
		if err != nil || version == len(migrations) {
			return err
		}
		if err := migrateFrom(ctx, conn); err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK") // the first error is the one to tell
			return fmt.Errorf("migrating to version %d: %w", version+1, err)
		}
	}
}

// versionOf returns the version of the database, if this is one of opik-local that is not newer than the program.
func versionOf(ctx context.Context, conn *sql.Conn) (version int, err error) {
	var tables int
	const query = "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version"
	if err := conn.QueryRowContext(ctx, query).Scan(&version, &tables); err != nil {
		return 0, err
	}
	if version > len(migrations) {
		return 0, fmt.Errorf("it is of version %d, and this opik-local knows versions up to %d: install a newer one", version, len(migrations))
	}
	if version == 0 && tables > 0 {
		return 0, errors.New("it holds tables and is not one of opik-local: name another file")
	}
	return version, nil
}

// migrateFrom makes one step, unless another process was faster.
func migrateFrom(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	version, err := versionOf(ctx, conn)
	if err != nil {
		return err
	}
	script := "COMMIT"
	if version < len(migrations) {
		script = fmt.Sprintf("%s; PRAGMA user_version = %d; COMMIT", migrations[version], version+1)
	}
	_, err = conn.ExecContext(ctx, script)
	return err
}
