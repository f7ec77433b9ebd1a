-- What is loaded beside the resources of the record: code systems and maps too large for one resource (docs/design/terminology.md).
-- Rows of a version are written under its number while it is `loading` and seen by nobody; one statement makes it `ready`.

CREATE TABLE terminology_load (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text COLLATE "C" NOT NULL CHECK (kind IN ('code-system', 'concept-map')),
  url         text COLLATE "C" NOT NULL,
  version     text COLLATE "C" NOT NULL,
  -- The format it was read as ('snomed-rf2', 'loinc', 'gem' ...) and what the files were, so that a load that was broken off goes on only with the same.
  format      text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  state       text COLLATE "C" NOT NULL CHECK (state IN ('loading', 'ready', 'retired')),
  -- Which of several ready versions is meant when none is asked for.
  is_current  boolean NOT NULL DEFAULT false,
  -- Where a load that is broken off goes on: format-specific, written with the rows it accounts for.
  position    text NOT NULL DEFAULT '',
  -- What is said of the whole (CodeSystemView, ConceptMapView without rows), as JSON.
  header      text NOT NULL,
  rows        bigint NOT NULL DEFAULT 0,
  -- Rises with every change of state anywhere, so that caches know.
  revision    bigint NOT NULL DEFAULT 0,
  started_at  timestamptz NOT NULL,
  ready_at    timestamptz
);
CREATE UNIQUE INDEX terminology_load_version ON terminology_load (kind, url, version) WHERE state <> 'loading';
CREATE UNIQUE INDEX terminology_load_current ON terminology_load (kind, url) WHERE is_current;

CREATE TABLE terminology_concept (
  load_id     bigint NOT NULL REFERENCES terminology_load (id),
  code        text COLLATE "C" NOT NULL,
  -- Lower case where the system is not case-sensitive, otherwise the code.
  folded      text COLLATE "C" NOT NULL,
  ordinal     integer NOT NULL,
  display     text,
  definition  text,
  is_active   boolean NOT NULL,
  is_abstract boolean NOT NULL,
  -- JSON array of designations; null where there is none.
  designations text,
  -- Words of display and designations, for the text filter.
  words       tsvector,
  PRIMARY KEY (load_id, code)
);

-- Relations to other concepts of the version: `parent` is the hierarchy, others are properties that are codes (RxNorm's has_ingredient).
CREATE TABLE terminology_relation (
  load_id bigint NOT NULL,
  code    text COLLATE "C" NOT NULL,
  kind    text COLLATE "C" NOT NULL,
  target  text COLLATE "C" NOT NULL
);

CREATE TABLE terminology_property (
  load_id bigint NOT NULL,
  code    text COLLATE "C" NOT NULL,
  name    text COLLATE "C" NOT NULL,
  type    text COLLATE "C" NOT NULL,
  value   text COLLATE "C" NOT NULL
);

CREATE TABLE terminology_map_row (
  load_id        bigint NOT NULL REFERENCES terminology_load (id),
  ordinal        integer NOT NULL,
  source_system  text COLLATE "C" NOT NULL,
  source_code    text COLLATE "C" NOT NULL,
  target_system  text COLLATE "C" NOT NULL,
  -- Null: it is stated that there is none.
  target_code    text COLLATE "C",
  target_display text,
  equivalence    text COLLATE "C" NOT NULL,
  -- JSON: flags of a GEM, rule of a complex map, comment, dependsOn, product.
  details        text,
  PRIMARY KEY (load_id, ordinal)
);
