-- One person, one chart (docs/design/identity.md, "Tables").

ALTER TABLE person
  -- 'provisional': may be the same as another person, and a review says so. 'retired': nobody stands behind it any more.
  ADD COLUMN state       text COLLATE "C" NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'provisional', 'retired')),
  ADD COLUMN replaced_by text COLLATE "C" REFERENCES person (id);

ALTER TABLE source_patient
  -- The number that its authority says goes on in its place (A40). Both have the same person.
  ADD COLUMN retired_into          text COLLATE "C" REFERENCES source_patient (id),
  -- Persons of whom this may be another number: the review is open. By the source patient that founded each, so that it follows their links.
  ADD COLUMN possible_duplicate_of text[] COLLATE "C";
CREATE INDEX source_patient_marked ON source_patient USING gin (possible_duplicate_of) WHERE possible_duplicate_of IS NOT NULL;

-- What one source says of its patient, while Patient/{id} is published from more than that (several sources, a mark, a retired number):
-- the row of `resource` then says 'urn:isthmus:identity' as its system. Otherwise that row is what the source says, and there is none here.
CREATE TABLE source_demographics (
  source_patient_id text COLLATE "C" PRIMARY KEY REFERENCES source_patient (id),
  -- Rises with every change of what the source says.
  version           integer NOT NULL,
  last_updated      timestamptz NOT NULL,
  source_system     text NOT NULL,
  business_key      text NOT NULL,
  message_id        bigint,
  issues            text,
  event_time        timestamptz NOT NULL,
  stated            boolean NOT NULL,
  element_times     text,
  content_key       text,
  content           bytea NOT NULL
);
CREATE TABLE source_demographics_history (
  source_patient_id text COLLATE "C" NOT NULL,
  version           integer NOT NULL,
  last_updated      timestamptz NOT NULL,
  source_system     text NOT NULL,
  message_id        bigint,
  content_key       text,
  content           bytea NOT NULL,
  PRIMARY KEY (source_patient_id, version)
);
