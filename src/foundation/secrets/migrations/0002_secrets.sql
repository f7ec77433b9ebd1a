-- Secrets that the nodes of one installation share (src/foundation/secrets).
CREATE TABLE installation_secret (
  name    text        PRIMARY KEY,
  secret  text        NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now()
);
