-- What matching goes by: features of what each source says, keys to find candidates by, and what is to be reviewed.

CREATE TABLE identity_features (
  source_patient_id text COLLATE "C" PRIMARY KEY REFERENCES source_patient (id),
  -- Small, for the key table.
  number            integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  -- Which state of the source's statement it was taken from, and by which version of the extraction.
  statement_version integer NOT NULL,
  extracted_as      smallint NOT NULL,
  features          text NOT NULL,
  -- Frequent values count for less: kept so that EM and frequencies can be estimated again from the site's own data.
  observed_at       timestamptz NOT NULL,
  -- Two that are observed by transactions that can't see each other look once more when both are over (matches/settle.ts).
  observed_xid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
  observed_in       pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
  is_settled        boolean NOT NULL DEFAULT false,
  -- The model by which it was last compared; an older one is compared again by the reconciliation.
  compared_as       text
);

CREATE INDEX identity_features_unsettled ON identity_features (observed_xid) WHERE NOT is_settled;
CREATE INDEX identity_features_compared ON identity_features (compared_as, number);

-- Keys are 64-bit hashes: two that meet by chance cost one comparison.
CREATE TABLE identity_key (
  key    bigint NOT NULL,
  number integer NOT NULL,
  PRIMARY KEY (key, number)
);
CREATE INDEX identity_key_number ON identity_key (number);

-- A question to a person.
CREATE TABLE identity_review (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text COLLATE "C" NOT NULL CHECK (kind IN ('possible-duplicate', 'overlay', 'contradictory-merge', 'suspicious-cluster')),
  -- The two sides as source patients; for a cluster `one` is the person and `other` is ''.
  one         text COLLATE "C" NOT NULL,
  other       text COLLATE "C" NOT NULL,
  probability double precision,
  score       text,
  model_version text,
  message_id  bigint,
  -- Of a held message: when it goes on without a decision.
  held_until  timestamptz,
  state       text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'proposed', 'decided', 'withdrawn')),
  -- First of two where dual control is required.
  proposed_by text,
  proposed    text,
  decided_by  text,
  decision    text,
  reason      text,
  event_id    bigint REFERENCES identity_event (id),
  opened_at   timestamptz NOT NULL,
  decided_at  timestamptz
);
CREATE UNIQUE INDEX identity_review_open ON identity_review (kind, one, other, coalesce(message_id, 0)) WHERE state IN ('open', 'proposed');
CREATE INDEX identity_review_other ON identity_review (other) WHERE state IN ('open', 'proposed');
CREATE INDEX identity_review_one ON identity_review (one) WHERE state IN ('open', 'proposed');
CREATE INDEX identity_review_message ON identity_review (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX identity_review_state ON identity_review (state, kind, probability DESC, id);
