-- One person, one chart (docs/design/identity.md). person and person_link are the record's (0020); here is why they say what they say.

ALTER TABLE person
  -- 'provisional': may be the same as another person, and a review says so. 'retired': nobody stands behind it any more.
  ADD COLUMN state       text COLLATE "C" NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'provisional', 'retired')),
  ADD COLUMN replaced_by text COLLATE "C" REFERENCES person (id);

ALTER TABLE source_patient
  -- The number that its authority says goes on in its place (A40); messages for it go to the survivor's person.
  ADD COLUMN retired_into text COLLATE "C" REFERENCES source_patient (id);

-- What one source says of its patient, while Patient/{id} is published from more than that (several sources, a mark, a retired number).
-- Without a row, Patient/{id} itself is what the source says.
CREATE TABLE source_demographics (
  source_patient_id text COLLATE "C" PRIMARY KEY REFERENCES source_patient (id),
  source_system     text NOT NULL,
  message_id        bigint,
  event_time        timestamptz NOT NULL,
  stated            boolean NOT NULL,
  element_times     text,
  -- Rises with every change of what the source says.
  version           integer NOT NULL,
  last_updated      timestamptz NOT NULL,
  content_key       text,
  content           bytea NOT NULL
);
CREATE TABLE source_demographics_history (
  source_patient_id text COLLATE "C" NOT NULL,
  version           integer NOT NULL,
  source_system     text NOT NULL,
  message_id        bigint,
  last_updated      timestamptz NOT NULL,
  content_key       text,
  content           bytea NOT NULL,
  PRIMARY KEY (source_patient_id, version)
);

-- Every decision about who is who, append-only. One decision moves one or more source patients (identity_move).
CREATE TABLE identity_event (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind          text COLLATE "C" NOT NULL CHECK (kind IN ('link', 'unlink', 'merge', 'unmerge', 'move', 'change-id', 'provisional', 'not-same', 'same-again', 'undo')),
  at            timestamptz NOT NULL,
  -- 'rule' or 'model' for the algorithm, otherwise who decided: a user, a system and its message.
  actor         text NOT NULL,
  reason        text NOT NULL,
  message_id    bigint,
  model_version text,
  -- JSON: outcome, probability, and per field agreement and weight; no values.
  score         text,
  -- The event that this one takes back.
  undoes        bigint REFERENCES identity_event (id),
  -- The two source patients it was decided about, where it was about two.
  one           text COLLATE "C",
  other         text COLLATE "C"
);
CREATE UNIQUE INDEX identity_event_undone ON identity_event (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX identity_event_one ON identity_event (one, id);
CREATE INDEX identity_event_other ON identity_event (other, id);

-- What a decision changed, so that taking it back is exact.
CREATE TABLE identity_move (
  event_id          bigint NOT NULL REFERENCES identity_event (id),
  source_patient_id text COLLATE "C" NOT NULL,
  from_person       text COLLATE "C" NOT NULL,
  to_person         text COLLATE "C" NOT NULL,
  -- Retirement of the number, before and after.
  from_retired_into text COLLATE "C",
  to_retired_into   text COLLATE "C",
  PRIMARY KEY (event_id, source_patient_id)
);
CREATE INDEX identity_move_source ON identity_move (source_patient_id, event_id);

-- Resources that an account or a visit took with it to another patient (A44, A45).
CREATE TABLE identity_resource_move (
  event_id    bigint NOT NULL REFERENCES identity_event (id),
  type        text COLLATE "C" NOT NULL,
  resource_id text COLLATE "C" NOT NULL,
  from_source text COLLATE "C" NOT NULL,
  to_source   text COLLATE "C" NOT NULL,
  PRIMARY KEY (event_id, type, resource_id)
);

-- "Not the same", decided by a person: beats every algorithm until it is withdrawn. one < other.
CREATE TABLE identity_not_same (
  one      text COLLATE "C" NOT NULL,
  other    text COLLATE "C" NOT NULL,
  event_id bigint NOT NULL REFERENCES identity_event (id),
  PRIMARY KEY (one, other)
);
