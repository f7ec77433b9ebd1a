-- Decisions about who is who (docs/design/identity.md). Who stands behind whom today is the record's (0020, 0022).

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
CREATE INDEX identity_event_undone ON identity_event (undoes) WHERE undoes IS NOT NULL;
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
