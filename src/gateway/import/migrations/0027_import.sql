-- Imports of files (docs/design/transactions.md, "Import"): how far each file is, written in the transaction of the data themselves.

-- A file is known by its content, wherever it lies: imported once for a system, unless it is told to be restarted.
CREATE TABLE import_file (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  system      text NOT NULL,
  -- SHA-256 of the file as it lies on disk.
  digest      bytea NOT NULL,
  -- Where it lay when it was last taken up; for people.
  path        text NOT NULL,
  -- What is done: bytes of the unpacked lines, or entries of the bundle.
  position    bigint NOT NULL DEFAULT 0,
  -- The same in lines or entries, for reports.
  items       bigint NOT NULL DEFAULT 0,
  written     bigint NOT NULL DEFAULT 0,
  unchanged   bigint NOT NULL DEFAULT 0,
  refused     bigint NOT NULL DEFAULT 0,
  flagged     bigint NOT NULL DEFAULT 0,
  unresolved  bigint NOT NULL DEFAULT 0,
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  UNIQUE (system, digest)
);

-- What was refused: place and rule, no data.
CREATE TABLE import_refusal (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  file_id bigint NOT NULL REFERENCES import_file (id) ON DELETE CASCADE,
  -- The line of NDJSON or the entry of a bundle, from 1; 0 for the file as a whole.
  item    bigint NOT NULL,
  place   text NOT NULL,
  rule    text NOT NULL
);
CREATE INDEX import_refusal_file ON import_refusal (file_id, id);
