-- The longitudinal record (docs/design/record.md). Content is bytes that SQL never opens; what is searched is in columns.

-- A patient as one authority knows them. Never rewritten.
CREATE TABLE source_patient (
  id         text COLLATE "C" PRIMARY KEY,
  authority  text NOT NULL,
  identifier text NOT NULL,
  first_seen timestamptz NOT NULL DEFAULT now(),
  UNIQUE (authority, identifier)
);

-- The enterprise patient, published as Patient/{id}. A person founded by a source patient carries its id.
CREATE TABLE person (
  id         text COLLATE "C" PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Which person stands behind a source patient. Link, merge and unmerge change this row and nothing else.
CREATE TABLE person_link (
  source_patient_id text COLLATE "C" PRIMARY KEY REFERENCES source_patient (id),
  person_id         text COLLATE "C" NOT NULL REFERENCES person (id),
  since             timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX person_link_person ON person_link (person_id);

-- One row per current resource.
CREATE TABLE resource (
  type              text COLLATE "C" NOT NULL,
  id                text COLLATE "C" NOT NULL,
  version           integer NOT NULL,
  last_updated      timestamptz NOT NULL,
  -- Origin: who said it, about whom, under which business key, in which message, as of when.
  source_system     text NOT NULL,
  source_patient_id text COLLATE "C",
  business_key      text NOT NULL,
  message_id        bigint,
  event_time        timestamptz NOT NULL,
  -- False while only copies (a PID in a result) spoke of it; what the owner of the fact states replaces them.
  stated            boolean NOT NULL,
  -- Event times of single elements, where they differ from that of the row (see patch.ts).
  element_times     text,
  -- The type's main date, as the interval its precision spans.
  date_from         timestamptz,
  date_to           timestamptz,
  tokens            text[] NOT NULL,
  refs              text[] NOT NULL,
  -- The key that content is sealed with; null when it is in the clear.
  content_key       text,
  content           bytea NOT NULL,
  PRIMARY KEY (id, type)
);
CREATE INDEX resource_patient ON resource (source_patient_id, type, date_from) WHERE source_patient_id IS NOT NULL;
CREATE INDEX resource_updated ON resource (type, last_updated, id);
CREATE INDEX resource_tokens ON resource USING gin (tokens);
CREATE INDEX resource_refs ON resource USING gin (refs);

-- Versions that are no longer current.
CREATE TABLE resource_history (
  type              text COLLATE "C" NOT NULL,
  id                text COLLATE "C" NOT NULL,
  version           integer NOT NULL,
  last_updated      timestamptz NOT NULL,
  source_system     text NOT NULL,
  source_patient_id text COLLATE "C",
  business_key      text NOT NULL,
  message_id        bigint,
  -- The key that content is sealed with; null when it is in the clear.
  content_key       text,
  content           bytea NOT NULL,
  PRIMARY KEY (id, type, version)
);

-- One row per version written, in the same transaction. Read by (xid, id) below the snapshot's xmin, so that nothing is skipped.
CREATE TABLE change_feed (
  xid               xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id                bigint GENERATED ALWAYS AS IDENTITY,
  type              text COLLATE "C" NOT NULL,
  resource_id       text COLLATE "C" NOT NULL,
  version           integer NOT NULL,
  kind              text NOT NULL CHECK (kind IN ('created', 'updated')),
  source_patient_id text COLLATE "C",
  message_id        bigint,
  written_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (xid, id)
);
