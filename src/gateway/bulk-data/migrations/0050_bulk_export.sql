-- Bulk Data exports (docs/design/bulk-data.md). All state is here, so that any node can go on with a job, show it and serve its files.

CREATE TABLE export_job (
  id         text COLLATE "C" PRIMARY KEY,
  -- Who asked, and the context that the record is opened for; both must be the same for whoever looks at the job or its files.
  client     text NOT NULL,
  context    text NOT NULL,
  -- The address of the kick-off as it was asked for, for the manifest.
  request    text NOT NULL,
  -- What is asked for, as JSON (types.ts).
  wanted     text NOT NULL,
  -- OperationOutcomes for the manifest's error files: what lenient handling left out. JSON.
  remarks    text NOT NULL,
  state      text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  created_at timestamptz NOT NULL,
  -- The transactionTime: the first run decides it, every later one reads the same state.
  instant    timestamptz,
  -- Steps that are complete; a run that was broken off goes on with the next.
  steps      text[] NOT NULL DEFAULT '{}',
  progress   text NOT NULL DEFAULT 'waiting',
  resources  bigint NOT NULL DEFAULT 0,
  -- Of the chunks as they are stored.
  bytes      bigint NOT NULL DEFAULT 0,
  attempts   integer NOT NULL DEFAULT 0,
  -- A name for one run on one node; whoever writes for the job proves it.
  runner     text COLLATE "C",
  -- Until then the job is the runner's; a waiting one is not begun before.
  leased_to  timestamptz NOT NULL DEFAULT '-infinity',
  -- Code, place and rule of what it failed of. JSON.
  error      text,
  expires_at timestamptz NOT NULL,
  -- How often the status may be asked before 429, as of polled_at.
  polls      double precision NOT NULL,
  polled_at  timestamptz NOT NULL
);
CREATE INDEX export_job_open ON export_job (created_at) WHERE state IN ('waiting', 'running');
CREATE INDEX export_job_client ON export_job (client);
CREATE INDEX export_job_expires ON export_job (expires_at);

CREATE TABLE export_file (
  job_id    text COLLATE "C" NOT NULL REFERENCES export_job (id) ON DELETE CASCADE,
  number    integer NOT NULL,
  kind      text COLLATE "C" NOT NULL CHECK (kind IN ('output', 'deleted', 'error')),
  type      text COLLATE "C" NOT NULL,
  -- Lines.
  count     bigint NOT NULL,
  -- Of its chunks as they are stored.
  bytes     bigint NOT NULL,
  -- Written by a step that is complete; else the next run begins it anew.
  complete  boolean NOT NULL DEFAULT FALSE,
  PRIMARY KEY (job_id, number)
);

-- A file is the chunks in the order of part: gzip members, sealed when there is a keyring.
CREATE TABLE export_chunk (
  job_id      text COLLATE "C" NOT NULL,
  number      integer NOT NULL,
  part        integer NOT NULL,
  content_key text,
  content     bytea NOT NULL,
  PRIMARY KEY (job_id, number, part),
  FOREIGN KEY (job_id, number) REFERENCES export_file (job_id, number) ON DELETE CASCADE
);
-- It is compressed already.
ALTER TABLE export_chunk ALTER COLUMN content SET STORAGE EXTERNAL;
