package store

import "errors"

// sortKey is the order in which Opik's tables keep the rows of one id. Where an id was sent to two places, the
// greater place is read, whatever the times are.
const sortKey = "project_id DESC, trace_id DESC, parent_id DESC"

// statements of one kind of row.
type statements struct{ version, newest, insert, replace, index, others, hide string }

// sqlOf holds the statements by kind.
var sqlOf = map[Kind]statements{Trace: statementsOf(Trace), Span: statementsOf(Span)}

// statementsOf writes the statements of a table.
func statementsOf(kind Kind) statements {
	table := kind.table()
	return statements{
		version: "SELECT key, live, " + columns + " FROM " + table + " WHERE id = ? AND project_id = ? AND trace_id = ? AND parent_id = ?",
		newest:  "SELECT key, live, " + columns + " FROM " + table + " WHERE id = ? ORDER BY " + sortKey + " LIMIT 1",
		insert:  "INSERT INTO " + table + " (" + columns + ") VALUES (" + placeholders + ")",
		replace: "UPDATE " + table + " SET " + assignments + " WHERE key = ?",
		index:   "INSERT OR REPLACE INTO " + table + "_text (rowid, body) VALUES (?, ?)",
		others:  "SELECT count(*) FROM " + table + " WHERE id = ?1 AND project_id = ?2",
		hide: "UPDATE " + table + " SET live = (key = (SELECT key FROM " + table +
			" WHERE id = ?1 AND project_id = ?2 ORDER BY " + sortKey + " LIMIT 1)) WHERE id = ?1 AND project_id = ?2",
	}
}

// version reads the row of the same id in the same place.
func (t *tx) version(kind Kind, row Row) (stored, error) {
	return t.read(sqlOf[kind].version, row.ID, row.ProjectID, row.TraceID, row.ParentID)
}

// newest reads the row that a reader of the id would see.
func (t *tx) newest(kind Kind, id string) (stored, error) {
	return t.read(sqlOf[kind].newest, id)
}

// stored is a row with what the table knows of it.
type stored struct {
	Row
	key  int64
	live bool
}

// read reads one row.
func (t *tx) read(query string, args ...any) (found stored, err error) {
	var s scanned
	if err := t.one(query, args, append([]any{&found.key, &found.live}, s.dest()...)...); err != nil {
		return stored{}, err
	}
	found.Row, err = s.row()
	return found, err
}

// add inserts a row at a place where the id was not.
func (t *tx) add(kind Kind, row Row) error {
	var others int
	if err := t.one(sqlOf[kind].others, []any{row.ID, row.ProjectID}, &others); err != nil {
		return err
	}
	key, err := t.insert(sqlOf[kind].insert, row.values()...)
	if err != nil {
		return err
	}
	if err := t.follow(kind, key, row); err != nil {
		return err
	}
	if others > 0 {
		return errors.Join(t.exec(sqlOf[kind].hide, row.ID, row.ProjectID), t.countAgain(row))
	}
	if kind == Span {
		t.sum(row, nil)
	}
	return nil
}

// replace writes a row over one that is there.
func (t *tx) replace(kind Kind, old stored, row Row) error {
	if err := t.exec(sqlOf[kind].replace, append(row.values(), old.key)...); err != nil {
		return err
	}
	if kind == Span && old.live {
		t.sum(row, &old.Row)
	}
	if err := t.dropCuttings(kind, old.Row, row); err != nil {
		return err
	}
	return t.follow(kind, old.key, row)
}

// follow brings along what depends on a row: the words it is found by, its files, its thread, and who listens.
func (t *tx) follow(kind Kind, key int64, row Row) error {
	t.words = append(t.words, indexed{kind, key, row.words()})
	if err := t.storeCuttings(kind, row); err != nil {
		return err
	}
	if kind == Span {
		t.touch(row.TraceID)
		return nil
	}
	t.touch(row.ID)
	if row.ThreadID == "" {
		return nil
	}
	return t.addThread(row.ProjectID, row.ThreadID, row.Updated)
}
