-- Models of matching that were estimated from the site's own data; one of them may be in use in place of the shipped one.
CREATE TABLE identity_model (
  version     text PRIMARY KEY,
  model       text NOT NULL,
  sources     integer NOT NULL,
  adopted_at  timestamptz NOT NULL,
  adopted_by  text NOT NULL,
  reason      text NOT NULL,
  is_current  boolean NOT NULL
);
CREATE UNIQUE INDEX identity_model_current ON identity_model (is_current) WHERE is_current;

-- What the engine goes by, written when it starts or its configuration changes, so that commands beside it go by the same.
CREATE TABLE identity_in_force (
  id       smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  settings text NOT NULL,
  since    timestamptz NOT NULL
);
