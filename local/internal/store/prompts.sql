-- The second version of the database: prompts and environments.

CREATE TABLE prompts (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL, -- empty where the prompt belongs to none
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  structure TEXT NOT NULL, -- text or chat
  tags TEXT,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  UNIQUE (project_id, name)
) WITHOUT ROWID;

CREATE TABLE prompt_versions (
  id TEXT PRIMARY KEY,
  prompt_id TEXT NOT NULL,
  number INTEGER NOT NULL, -- 1 for the first
  commit_id TEXT NOT NULL,
  type TEXT NOT NULL,
  template TEXT NOT NULL,
  metadata TEXT,
  change TEXT NOT NULL,
  tags TEXT,
  created INTEGER NOT NULL,
  UNIQUE (prompt_id, number),
  UNIQUE (prompt_id, commit_id)
) WITHOUT ROWID;
CREATE INDEX prompt_versions_commit ON prompt_versions (commit_id);

CREATE TABLE environments (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  color TEXT NOT NULL,
  position INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO environments VALUES
  ('01900000-0000-7000-8000-000000000001', 'production', '', '', 0, 0, 0),
  ('01900000-0000-7000-8000-000000000002', 'staging', '', '', 1, 0, 0),
  ('01900000-0000-7000-8000-000000000003', 'development', '', '', 2, 0, 0);
