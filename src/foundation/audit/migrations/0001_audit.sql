-- The audit trail: append-only. Entries are sealed in batches, in the order (transaction_id, id), which no later commit can change
-- once it lies below the snapshot's xmin. The seals form a hash chain beside the entries, so that an entry is never written twice.
CREATE TABLE audit_entry (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
  recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  action         text        NOT NULL CHECK (action <> ''),
  actor          text        NOT NULL CHECK (actor <> ''),
  target         text        NOT NULL,
  outcome        text        NOT NULL CHECK (outcome IN ('success', 'refused', 'failed')),
  reason         text,
  correlation_id text
);
CREATE INDEX audit_entry_order ON audit_entry (transaction_id, id);
CREATE INDEX audit_entry_target ON audit_entry (target, id);
CREATE INDEX audit_entry_correlation ON audit_entry (correlation_id) WHERE correlation_id IS NOT NULL;

CREATE TABLE audit_seal (
  number              bigint      PRIMARY KEY CHECK (number > 0),
  last_transaction_id xid8        NOT NULL,
  last_id             bigint      NOT NULL,
  entries             integer     NOT NULL CHECK (entries > 0),
  previous_hash       bytea       NOT NULL,
  hash                bytea       NOT NULL,
  sealed_at           timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
