-- The first version of the database. Later versions are files of their own: see schema.go.

CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  description TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
) WITHOUT ROWID;

-- Traces and spans have the same columns, so that one set of statements serves both. What only one of them has is
-- empty in the other. Times are nanoseconds since 1970. start 0 marks a partial row, which an update made before the
-- create came. The large columns stand last: a scan that does not read them stays on the row's first page.
CREATE TABLE traces (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  parent_id TEXT NOT NULL,
  live INTEGER NOT NULL DEFAULT 1, -- 0 where a row of the same id in the same project hides this one
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  source TEXT NOT NULL,
  environment TEXT NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER,
  ttft REAL,
  cost REAL,
  cost_version TEXT NOT NULL, -- empty where the client named the cost
  tokens INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  tags TEXT,
  usage TEXT,
  error TEXT,
  metadata TEXT,
  input TEXT,
  output TEXT
);
CREATE UNIQUE INDEX traces_id ON traces (id, project_id, trace_id, parent_id);
CREATE INDEX traces_list ON traces (project_id, live, id);
CREATE INDEX traces_start ON traces (project_id, live, start);
CREATE INDEX traces_thread ON traces (project_id, thread_id, start) WHERE thread_id <> '';
CREATE INDEX traces_updated ON traces (updated);

CREATE TABLE spans (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  parent_id TEXT NOT NULL,
  live INTEGER NOT NULL DEFAULT 1,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  source TEXT NOT NULL,
  environment TEXT NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER,
  ttft REAL,
  cost REAL,
  cost_version TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  tags TEXT,
  usage TEXT,
  error TEXT,
  metadata TEXT,
  input TEXT,
  output TEXT
);
CREATE UNIQUE INDEX spans_id ON spans (id, project_id, trace_id, parent_id);
CREATE INDEX spans_list ON spans (project_id, live, id);
CREATE INDEX spans_trace ON spans (trace_id, start);

-- What the list of traces shows of a trace's spans, so that the list can sort by it. Writes add to it: see sums.go.
CREATE TABLE sums (
  trace_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  spans INTEGER NOT NULL,
  llm INTEGER NOT NULL,
  tools INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  cost REAL NOT NULL,
  PRIMARY KEY (trace_id, project_id)
) WITHOUT ROWID;

CREATE TRIGGER spans_removed AFTER DELETE ON spans BEGIN
  UPDATE sums SET spans = spans - old.live, llm = llm - old.live * (old.type = 'llm'), tools = tools - old.live * (old.type = 'tool'),
    failed = failed - old.live * old.failed, tokens = tokens - old.live * old.tokens, cost = cost - old.live * coalesce(old.cost, 0)
  WHERE trace_id = old.trace_id AND project_id = old.project_id;
  DELETE FROM sums WHERE trace_id = old.trace_id AND project_id = old.project_id AND spans = 0;
END;
-- The words of traces and of spans, by the key of the row. The text itself is not kept twice.
CREATE VIRTUAL TABLE traces_text USING fts5(body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE spans_text USING fts5(body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER traces_forgotten AFTER DELETE ON traces BEGIN DELETE FROM traces_text WHERE rowid = old.key; END;
CREATE TRIGGER spans_forgotten AFTER DELETE ON spans BEGIN DELETE FROM spans_text WHERE rowid = old.key; END;

CREATE TABLE threads (
  id TEXT PRIMARY KEY, -- Opik calls it the thread's model id
  project_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  closed INTEGER NOT NULL DEFAULT 0,
  tags TEXT,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  UNIQUE (project_id, thread_id)
) WITHOUT ROWID;

CREATE TABLE scores (
  kind TEXT NOT NULL, -- trace, span or thread
  entity_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  author TEXT NOT NULL,
  value REAL NOT NULL,
  category TEXT NOT NULL,
  reason TEXT NOT NULL,
  source TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (kind, entity_id, project_id, name, author)
) WITHOUT ROWID;
CREATE INDEX scores_names ON scores (kind, project_id, name);

CREATE TABLE comments (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  text TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX comments_entity ON comments (kind, entity_id);

CREATE TABLE attachments (
  key INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  size INTEGER NOT NULL,
  created INTEGER NOT NULL,
  complete INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX attachments_entity ON attachments (entity_id, kind, name);

CREATE TABLE chunks (
  attachment INTEGER NOT NULL,
  number INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (attachment, number)
);

-- Which trace the id of an OpenTelemetry trace became.
CREATE TABLE otel (
  otel_id TEXT PRIMARY KEY,
  trace_id TEXT NOT NULL
) WITHOUT ROWID;
