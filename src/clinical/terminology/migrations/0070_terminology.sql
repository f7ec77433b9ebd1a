-- What is loaded beside the resources of the record: code systems and maps too large for one resource (docs/design/terminology.md).
-- Rows of a version are written under its number while it is `loading` and seen by nobody; one statement makes it `ready`.

-- Each change of what is there gets the next number, so that caches know.
CREATE SEQUENCE terminology_revision;

CREATE TABLE terminology_load (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text COLLATE "C" NOT NULL CHECK (kind IN ('code-system', 'concept-map')),
  url         text COLLATE "C" NOT NULL,
  version     text COLLATE "C" NOT NULL,
  -- The format it was read as ('snomed-rf2', 'loinc', 'gem' ...) and what the files were, so that a load that was broken off goes on only with the same.
  format      text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  -- `retired`: seen by nobody, its rows are about to be deleted.
  state       text COLLATE "C" NOT NULL CHECK (state IN ('loading', 'ready', 'retired')),
  -- Which of several ready versions is meant when none is asked for.
  is_current  boolean NOT NULL DEFAULT false,
  -- How many records of the files were worked off; written with their rows. What is loaded together goes on together.
  position    bigint NOT NULL DEFAULT 0,
  -- What is said of the whole (CodeSystemView, ConceptMapView without rows), as JSON.
  header      text NOT NULL,
  rows        bigint NOT NULL DEFAULT 0,
  -- Of terminology_revision, with every change of state or currency.
  revision    bigint NOT NULL DEFAULT 0,
  -- The resource of the record that stands for it.
  resource_id text COLLATE "C",
  started_at  timestamptz NOT NULL,
  ready_at    timestamptz,
  CHECK (NOT is_current OR state = 'ready')
);
CREATE UNIQUE INDEX terminology_load_version ON terminology_load (kind, url, version) WHERE state = 'ready';
CREATE UNIQUE INDEX terminology_load_current ON terminology_load (kind, url) WHERE is_current;
-- Two loads of the same files at once would write over each other.
CREATE UNIQUE INDEX terminology_load_loading ON terminology_load (kind, url, version, fingerprint) WHERE state = 'loading';

-- The tables below have no foreign key on the load: checked for each of a million rows it would cost more than the rows.
CREATE TABLE terminology_concept (
  load_id     bigint NOT NULL,
  -- Lower case where the system is not case-sensitive, otherwise the code.
  folded      text COLLATE "C" NOT NULL,
  code        text COLLATE "C" NOT NULL,
  ordinal     integer NOT NULL,
  display     text,
  definition  text,
  is_active   boolean NOT NULL,
  is_abstract boolean NOT NULL,
  -- JSON array of designations; null where there is none.
  designations text,
  -- Words of code, display and designations, for the text filter.
  words       tsvector,
  PRIMARY KEY (load_id, folded)
);
CREATE UNIQUE INDEX terminology_concept_order ON terminology_concept (load_id, ordinal);
CREATE INDEX terminology_concept_words ON terminology_concept USING gin (words);

-- Relations to other concepts of the version: `parent` is the hierarchy, others are properties that are codes (RxNorm's has_ingredient).
CREATE TABLE terminology_relation (
  load_id bigint NOT NULL,
  code    text COLLATE "C" NOT NULL,
  kind    text COLLATE "C" NOT NULL,
  target  text COLLATE "C" NOT NULL
);
CREATE INDEX terminology_relation_code ON terminology_relation (load_id, code, kind, target);
CREATE INDEX terminology_relation_target ON terminology_relation (load_id, target, kind, code);

CREATE TABLE terminology_property (
  load_id bigint NOT NULL,
  code    text COLLATE "C" NOT NULL,
  name    text COLLATE "C" NOT NULL,
  type    text COLLATE "C" NOT NULL,
  value   text COLLATE "C" NOT NULL
);
CREATE INDEX terminology_property_code ON terminology_property (load_id, code);
-- A value may be longer than an index takes.
CREATE INDEX terminology_property_value ON terminology_property (load_id, name, left(value, 200));

CREATE TABLE terminology_map_row (
  load_id        bigint NOT NULL,
  ordinal        integer NOT NULL,
  source_system  text COLLATE "C" NOT NULL,
  source_code    text COLLATE "C" NOT NULL,
  source_display text,
  target_system  text COLLATE "C" NOT NULL,
  -- Null: it is stated that there is none.
  target_code    text COLLATE "C",
  target_display text,
  equivalence    text COLLATE "C" NOT NULL,
  -- JSON: flags of a GEM, rule of a complex map, comment, dependsOn, product.
  details        text,
  PRIMARY KEY (load_id, ordinal)
);
CREATE INDEX terminology_map_row_source ON terminology_map_row (load_id, source_code);
CREATE INDEX terminology_map_row_target ON terminology_map_row (load_id, target_code);
