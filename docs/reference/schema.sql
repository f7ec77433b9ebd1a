CREATE SEQUENCE message_id AS bigint;

CREATE SEQUENCE terminology_revision AS bigint;

CREATE TABLE audit_entry (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  recorded_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  action text NOT NULL,
  actor text NOT NULL,
  target text NOT NULL,
  outcome text NOT NULL,
  reason text,
  correlation_id text,
  CONSTRAINT audit_entry_pkey PRIMARY KEY (id),
  CONSTRAINT audit_entry_action_check CHECK ((action <> ''::text)),
  CONSTRAINT audit_entry_actor_check CHECK ((actor <> ''::text)),
  CONSTRAINT audit_entry_outcome_check CHECK ((outcome = ANY (ARRAY['success'::text, 'refused'::text, 'failed'::text])))
);
CREATE INDEX audit_entry_correlation ON public.audit_entry USING btree (correlation_id) WHERE (correlation_id IS NOT NULL);
CREATE INDEX audit_entry_order ON public.audit_entry USING btree (transaction_id, id);
CREATE INDEX audit_entry_target ON public.audit_entry USING btree (target, id);
CREATE TRIGGER audit_entry_append_only BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

CREATE TABLE audit_seal (
  number bigint NOT NULL,
  last_transaction_id xid8 NOT NULL,
  last_id bigint NOT NULL,
  entries integer NOT NULL,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL,
  sealed_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT audit_seal_pkey PRIMARY KEY (number),
  CONSTRAINT audit_seal_entries_check CHECK ((entries > 0)),
  CONSTRAINT audit_seal_number_check CHECK ((number > 0))
);
CREATE TRIGGER audit_seal_append_only BEFORE DELETE OR UPDATE ON public.audit_seal FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON public.audit_seal FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

CREATE TABLE change_feed (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  type text NOT NULL,
  resource_id text NOT NULL,
  version integer NOT NULL,
  kind text NOT NULL,
  source_patient_id text,
  message_id bigint,
  written_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT change_feed_pkey PRIMARY KEY (xid, id),
  CONSTRAINT change_feed_kind_check CHECK ((kind = ANY (ARRAY['created'::text, 'updated'::text, 'deleted'::text])))
);
CREATE INDEX change_feed_terminology ON public.change_feed USING btree (id) WHERE (type = ANY (ARRAY['CodeSystem'::text, 'ValueSet'::text, 'ConceptMap'::text]));

CREATE TABLE channel_pause (
  channel text NOT NULL,
  reason text NOT NULL,
  since timestamp with time zone NOT NULL,
  CONSTRAINT channel_pause_pkey PRIMARY KEY (channel)
);

CREATE TABLE delivery (
  queue_id integer NOT NULL,
  sequence bigint NOT NULL,
  attempt integer NOT NULL,
  at timestamp with time zone NOT NULL,
  outcome text NOT NULL,
  acknowledgment text,
  code text,
  detail text,
  duration_ms real
);
CREATE INDEX delivery_entry ON public.delivery USING btree (queue_id, sequence);

CREATE TABLE entry (
  queue_id integer NOT NULL,
  sequence bigint NOT NULL,
  message_id bigint NOT NULL,
  route_id integer,
  keys text[] NOT NULL,
  label text,
  content_type text,
  content_key text,
  content bytea,
  CONSTRAINT entry_pkey PRIMARY KEY (queue_id, sequence)
);
CREATE INDEX entry_message ON public.entry USING btree (message_id);

CREATE TABLE export_chunk (
  job_id text NOT NULL,
  number integer NOT NULL,
  part integer NOT NULL,
  content_key text,
  content bytea NOT NULL STORAGE EXTERNAL,
  CONSTRAINT export_chunk_pkey PRIMARY KEY (job_id, number, part),
  CONSTRAINT export_chunk_job_id_number_fkey FOREIGN KEY (job_id, number) REFERENCES export_file(job_id, number) ON DELETE CASCADE
);

CREATE TABLE export_file (
  job_id text NOT NULL,
  number integer NOT NULL,
  kind text NOT NULL,
  type text NOT NULL,
  count bigint NOT NULL,
  bytes bigint NOT NULL,
  complete boolean NOT NULL DEFAULT false,
  CONSTRAINT export_file_pkey PRIMARY KEY (job_id, number),
  CONSTRAINT export_file_job_id_fkey FOREIGN KEY (job_id) REFERENCES export_job(id) ON DELETE CASCADE,
  CONSTRAINT export_file_kind_check CHECK ((kind = ANY (ARRAY['output'::text, 'deleted'::text, 'error'::text])))
);

CREATE TABLE export_job (
  id text NOT NULL,
  client text NOT NULL,
  context text NOT NULL,
  request text NOT NULL,
  wanted text NOT NULL,
  remarks text NOT NULL,
  state text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  instant timestamp with time zone,
  steps text[] NOT NULL DEFAULT '{}'::text[],
  progress text NOT NULL DEFAULT 'waiting'::text,
  resources bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  runner text,
  leased_to timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone,
  error text,
  expires_at timestamp with time zone NOT NULL,
  polls double precision NOT NULL,
  polled_at timestamp with time zone NOT NULL,
  CONSTRAINT export_job_pkey PRIMARY KEY (id),
  CONSTRAINT export_job_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX export_job_client ON public.export_job USING btree (client);
CREATE INDEX export_job_expires ON public.export_job USING btree (expires_at);
CREATE INDEX export_job_open ON public.export_job USING btree (created_at) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE TABLE fhir_package (
  id integer NOT NULL GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  version text NOT NULL,
  title text,
  digest text NOT NULL,
  loaded_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT fhir_package_pkey PRIMARY KEY (id),
  CONSTRAINT fhir_package_name_version_key UNIQUE (name, version)
);

CREATE TABLE fhir_package_resource (
  package_id integer NOT NULL,
  type text NOT NULL,
  url text NOT NULL,
  version text NOT NULL,
  content bytea NOT NULL,
  CONSTRAINT fhir_package_resource_pkey PRIMARY KEY (package_id, type, url, version),
  CONSTRAINT fhir_package_resource_package_id_fkey FOREIGN KEY (package_id) REFERENCES fhir_package(id) ON DELETE CASCADE
);

CREATE TABLE identity_event (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  at timestamp with time zone NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL,
  message_id bigint,
  model_version text,
  score text,
  undoes bigint,
  one text,
  other text,
  CONSTRAINT identity_event_pkey PRIMARY KEY (id),
  CONSTRAINT identity_event_kind_check CHECK ((kind = ANY (ARRAY['link'::text, 'unlink'::text, 'merge'::text, 'unmerge'::text, 'move'::text, 'change-id'::text, 'provisional'::text, 'not-same'::text, 'same-again'::text, 'undo'::text]))),
  CONSTRAINT identity_event_undoes_fkey FOREIGN KEY (undoes) REFERENCES identity_event(id)
);
CREATE INDEX identity_event_one ON public.identity_event USING btree (one, id);
CREATE INDEX identity_event_other ON public.identity_event USING btree (other, id);
CREATE INDEX identity_event_undone ON public.identity_event USING btree (undoes) WHERE (undoes IS NOT NULL);

CREATE TABLE identity_features (
  source_patient_id text NOT NULL,
  number integer NOT NULL GENERATED ALWAYS AS IDENTITY,
  statement_version integer NOT NULL,
  extracted_as smallint NOT NULL,
  features text NOT NULL,
  observed_at timestamp with time zone NOT NULL,
  observed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  observed_in pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
  is_settled boolean NOT NULL DEFAULT false,
  compared_as text,
  CONSTRAINT identity_features_pkey PRIMARY KEY (source_patient_id),
  CONSTRAINT identity_features_number_key UNIQUE (number),
  CONSTRAINT identity_features_source_patient_id_fkey FOREIGN KEY (source_patient_id) REFERENCES source_patient(id)
);
CREATE INDEX identity_features_compared ON public.identity_features USING btree (compared_as, number);
CREATE INDEX identity_features_unsettled ON public.identity_features USING btree (observed_xid) WHERE (NOT is_settled);

CREATE TABLE identity_in_force (
  id smallint NOT NULL DEFAULT 1,
  settings text NOT NULL,
  since timestamp with time zone NOT NULL,
  CONSTRAINT identity_in_force_pkey PRIMARY KEY (id),
  CONSTRAINT identity_in_force_id_check CHECK ((id = 1))
);

CREATE TABLE identity_key (
  key bigint NOT NULL,
  number integer NOT NULL,
  CONSTRAINT identity_key_pkey PRIMARY KEY (key, number)
);
CREATE INDEX identity_key_number ON public.identity_key USING btree (number);

CREATE TABLE identity_model (
  version text NOT NULL,
  model text NOT NULL,
  sources integer NOT NULL,
  adopted_at timestamp with time zone NOT NULL,
  adopted_by text NOT NULL,
  reason text NOT NULL,
  is_current boolean NOT NULL,
  CONSTRAINT identity_model_pkey PRIMARY KEY (version)
);
CREATE UNIQUE INDEX identity_model_current ON public.identity_model USING btree (is_current) WHERE is_current;

CREATE TABLE identity_move (
  event_id bigint NOT NULL,
  source_patient_id text NOT NULL,
  from_person text NOT NULL,
  to_person text NOT NULL,
  from_retired_into text,
  to_retired_into text,
  CONSTRAINT identity_move_pkey PRIMARY KEY (event_id, source_patient_id),
  CONSTRAINT identity_move_event_id_fkey FOREIGN KEY (event_id) REFERENCES identity_event(id)
);
CREATE INDEX identity_move_source ON public.identity_move USING btree (source_patient_id, event_id);

CREATE TABLE identity_not_same (
  one text NOT NULL,
  other text NOT NULL,
  event_id bigint NOT NULL,
  CONSTRAINT identity_not_same_pkey PRIMARY KEY (one, other),
  CONSTRAINT identity_not_same_event_id_fkey FOREIGN KEY (event_id) REFERENCES identity_event(id)
);

CREATE TABLE identity_resource_move (
  event_id bigint NOT NULL,
  type text NOT NULL,
  resource_id text NOT NULL,
  from_source text NOT NULL,
  to_source text NOT NULL,
  CONSTRAINT identity_resource_move_pkey PRIMARY KEY (event_id, type, resource_id),
  CONSTRAINT identity_resource_move_event_id_fkey FOREIGN KEY (event_id) REFERENCES identity_event(id)
);

CREATE TABLE identity_review (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  one text NOT NULL,
  other text NOT NULL,
  probability double precision,
  score text,
  model_version text,
  message_id bigint,
  held_until timestamp with time zone,
  state text NOT NULL DEFAULT 'open'::text,
  proposed_by text,
  proposed text,
  decided_by text,
  decision text,
  reason text,
  event_id bigint,
  opened_at timestamp with time zone NOT NULL,
  decided_at timestamp with time zone,
  CONSTRAINT identity_review_pkey PRIMARY KEY (id),
  CONSTRAINT identity_review_event_id_fkey FOREIGN KEY (event_id) REFERENCES identity_event(id),
  CONSTRAINT identity_review_kind_check CHECK ((kind = ANY (ARRAY['possible-duplicate'::text, 'overlay'::text, 'contradictory-merge'::text, 'suspicious-cluster'::text]))),
  CONSTRAINT identity_review_state_check CHECK ((state = ANY (ARRAY['open'::text, 'proposed'::text, 'decided'::text, 'withdrawn'::text])))
);
CREATE INDEX identity_review_message ON public.identity_review USING btree (message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX identity_review_one ON public.identity_review USING btree (one) WHERE (state = ANY (ARRAY['open'::text, 'proposed'::text]));
CREATE UNIQUE INDEX identity_review_open ON public.identity_review USING btree (kind, one, other, COALESCE(message_id, (0)::bigint)) WHERE (state = ANY (ARRAY['open'::text, 'proposed'::text]));
CREATE INDEX identity_review_other ON public.identity_review USING btree (other) WHERE (state = ANY (ARRAY['open'::text, 'proposed'::text]));
CREATE INDEX identity_review_state ON public.identity_review USING btree (state, kind, probability DESC, id);

CREATE TABLE import_file (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  system text NOT NULL,
  digest bytea NOT NULL,
  path text NOT NULL,
  "position" bigint NOT NULL DEFAULT 0,
  items bigint NOT NULL DEFAULT 0,
  written bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  flagged bigint NOT NULL DEFAULT 0,
  unresolved bigint NOT NULL DEFAULT 0,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  finished_at timestamp with time zone,
  CONSTRAINT import_file_pkey PRIMARY KEY (id),
  CONSTRAINT import_file_system_digest_key UNIQUE (system, digest)
);

CREATE TABLE import_refusal (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  file_id bigint NOT NULL,
  item bigint NOT NULL,
  place text NOT NULL,
  rule text NOT NULL,
  CONSTRAINT import_refusal_pkey PRIMARY KEY (id),
  CONSTRAINT import_refusal_file_id_fkey FOREIGN KEY (file_id) REFERENCES import_file(id) ON DELETE CASCADE
);
CREATE INDEX import_refusal_file ON public.import_refusal USING btree (file_id, id);

CREATE TABLE installation (
  only_row boolean NOT NULL DEFAULT true,
  id text NOT NULL DEFAULT substr(md5((gen_random_uuid())::text), 1, 10),
  CONSTRAINT installation_pkey PRIMARY KEY (only_row),
  CONSTRAINT installation_only_row_check CHECK (only_row)
);

CREATE TABLE installation_secret (
  name text NOT NULL,
  secret text NOT NULL,
  made_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT installation_secret_pkey PRIMARY KEY (name)
);

CREATE TABLE lease (
  name text NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  owner text,
  owner_host text,
  owner_pid integer,
  owner_start text,
  expires_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone,
  CONSTRAINT lease_pkey PRIMARY KEY (name)
);

CREATE TABLE message (
  id bigint NOT NULL DEFAULT nextval('message_id'::regclass),
  channel text NOT NULL,
  received_at timestamp with time zone NOT NULL,
  type text NOT NULL,
  content_type text NOT NULL,
  sender text NOT NULL,
  control_id text,
  correlation_id text NOT NULL,
  control_hash bigint NOT NULL,
  content_prefix bigint NOT NULL,
  content_hash bytea NOT NULL,
  body_key text,
  body bytea NOT NULL,
  CONSTRAINT message_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX message_control ON public.message USING btree (control_hash, content_prefix);
CREATE INDEX message_received ON public.message USING brin (received_at);

CREATE TABLE operator_action (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  action text NOT NULL,
  queue text NOT NULL,
  sequence bigint,
  message_id bigint,
  actor text NOT NULL,
  reason text NOT NULL,
  requested_at timestamp with time zone NOT NULL DEFAULT now(),
  applied_at timestamp with time zone,
  result text,
  affected bigint,
  CONSTRAINT operator_action_pkey PRIMARY KEY (id),
  CONSTRAINT operator_action_action_check CHECK ((action = ANY (ARRAY['release'::text, 'skip'::text, 'replay'::text, 'hold'::text, 'resume'::text])))
);
CREATE INDEX operator_action_waiting ON public.operator_action USING btree (id) WHERE (applied_at IS NULL);

CREATE TABLE person (
  id text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  state text NOT NULL DEFAULT 'active'::text,
  replaced_by text,
  CONSTRAINT person_pkey PRIMARY KEY (id),
  CONSTRAINT person_replaced_by_fkey FOREIGN KEY (replaced_by) REFERENCES person(id),
  CONSTRAINT person_state_check CHECK ((state = ANY (ARRAY['active'::text, 'provisional'::text, 'retired'::text])))
);

CREATE TABLE person_link (
  source_patient_id text NOT NULL,
  person_id text NOT NULL,
  since timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT person_link_pkey PRIMARY KEY (source_patient_id),
  CONSTRAINT person_link_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  CONSTRAINT person_link_source_patient_id_fkey FOREIGN KEY (source_patient_id) REFERENCES source_patient(id)
);
CREATE INDEX person_link_person ON public.person_link USING btree (person_id);

CREATE TABLE queue (
  id integer NOT NULL GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  leg text NOT NULL,
  channel text NOT NULL,
  ordering text NOT NULL,
  next_sequence bigint NOT NULL DEFAULT 1,
  epoch bigint NOT NULL DEFAULT 0,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  removed_at timestamp with time zone,
  CONSTRAINT queue_pkey PRIMARY KEY (id),
  CONSTRAINT queue_leg_check CHECK ((leg = ANY (ARRAY['intake'::text, 'outgoing'::text]))),
  CONSTRAINT queue_name_key UNIQUE (name),
  CONSTRAINT queue_ordering_check CHECK ((ordering = ANY (ARRAY['strict'::text, 'key'::text])))
) WITH (fillfactor=20);

CREATE TABLE queue_exception (
  queue_id integer NOT NULL,
  sequence bigint NOT NULL,
  state text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone,
  until timestamp with time zone,
  code text,
  reason text,
  since timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT queue_exception_pkey PRIMARY KEY (queue_id, sequence),
  CONSTRAINT queue_exception_state_check CHECK ((state = ANY (ARRAY['retrying'::text, 'held'::text, 'parked'::text, 'blocked'::text])))
);

CREATE TABLE queue_exception_key (
  queue_id integer NOT NULL,
  key text NOT NULL,
  sequence bigint NOT NULL,
  CONSTRAINT queue_exception_key_pkey PRIMARY KEY (queue_id, key, sequence)
);

CREATE TABLE queue_progress (
  queue_id integer NOT NULL,
  low_water bigint NOT NULL DEFAULT 0,
  gaps bigint[] NOT NULL DEFAULT '{}'::bigint[],
  epoch bigint NOT NULL DEFAULT 0,
  hold_reason text,
  held_since timestamp with time zone,
  CONSTRAINT queue_progress_pkey PRIMARY KEY (queue_id),
  CONSTRAINT queue_progress_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES queue(id)
) WITH (fillfactor=20);

CREATE TABLE rendering (
  queue_id integer NOT NULL,
  sequence bigint NOT NULL,
  hash bytea NOT NULL,
  pinned_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT rendering_pkey PRIMARY KEY (queue_id, sequence)
);

CREATE TABLE resource (
  type text NOT NULL,
  id text NOT NULL,
  version integer NOT NULL,
  last_updated timestamp with time zone NOT NULL,
  source_system text NOT NULL,
  source_patient_id text,
  business_key text NOT NULL,
  message_id bigint,
  event_time timestamp with time zone NOT NULL,
  stated boolean NOT NULL,
  element_times text,
  date_from timestamp with time zone,
  date_to timestamp with time zone,
  tokens text[] NOT NULL,
  refs text[] NOT NULL,
  content_key text,
  content bytea NOT NULL,
  rid bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  other_patients text[],
  params text[] NOT NULL DEFAULT '{}'::text[],
  texts text,
  issues text,
  indexed_as smallint NOT NULL DEFAULT 0,
  method text NOT NULL DEFAULT 'PUT'::text,
  CONSTRAINT resource_pkey PRIMARY KEY (id, type)
);
CREATE INDEX resource_entries ON public.resource USING gin (tokens, refs) WITH (gin_pending_list_limit='256');
CREATE INDEX resource_main_date ON public.resource USING btree (type, date_from DESC NULLS LAST, rid DESC, date_to);
CREATE INDEX resource_other_patients ON public.resource USING gin (other_patients) WHERE (other_patients IS NOT NULL);
CREATE INDEX resource_patient ON public.resource USING btree (source_patient_id, type, date_from) WHERE (source_patient_id IS NOT NULL);
CREATE INDEX resource_reindex ON public.resource USING btree (rid) WHERE (indexed_as < 2);
CREATE UNIQUE INDEX resource_rid ON public.resource USING btree (rid);
CREATE INDEX resource_type_rid ON public.resource USING btree (type, rid);
CREATE INDEX resource_updated ON public.resource USING btree (type, last_updated, id);

CREATE TABLE resource_date (
  rid bigint NOT NULL,
  type text NOT NULL,
  param text NOT NULL,
  key text NOT NULL DEFAULT ''::text,
  date_from timestamp with time zone NOT NULL,
  date_to timestamp with time zone NOT NULL
);
CREATE INDEX resource_date_from ON public.resource_date USING btree (type, param, key, date_from, rid);
CREATE INDEX resource_date_rid ON public.resource_date USING btree (rid);

CREATE TABLE resource_history (
  type text NOT NULL,
  id text NOT NULL,
  version integer NOT NULL,
  last_updated timestamp with time zone NOT NULL,
  source_system text NOT NULL,
  source_patient_id text,
  business_key text NOT NULL,
  message_id bigint,
  content_key text,
  content bytea NOT NULL,
  method text NOT NULL DEFAULT 'PUT'::text,
  other_patients text[],
  issues text,
  CONSTRAINT resource_history_pkey PRIMARY KEY (id, type, version)
);
CREATE INDEX resource_history_deleted ON public.resource_history USING btree (id, type, version) WHERE (method = 'DELETE'::text);
CREATE INDEX resource_history_updated ON public.resource_history USING btree (type, last_updated, id, version);

CREATE TABLE resource_quantity (
  rid bigint NOT NULL,
  type text NOT NULL,
  param text NOT NULL,
  key text NOT NULL DEFAULT ''::text,
  low numeric,
  high numeric,
  system text,
  code text,
  unit text
);
CREATE INDEX resource_quantity_low ON public.resource_quantity USING btree (type, param, key, low, rid);
CREATE INDEX resource_quantity_rid ON public.resource_quantity USING btree (rid);

CREATE TABLE resource_string (
  rid bigint NOT NULL,
  type text NOT NULL,
  param text NOT NULL,
  value text NOT NULL,
  exact text NOT NULL
);
CREATE INDEX resource_string_rid ON public.resource_string USING btree (rid);
CREATE INDEX resource_string_value ON public.resource_string USING btree (type, param, value, rid);

CREATE TABLE route (
  id integer NOT NULL GENERATED ALWAYS AS IDENTITY,
  channel text NOT NULL,
  queue_ids integer[] NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT route_pkey PRIMARY KEY (id),
  CONSTRAINT route_channel_queue_ids_key UNIQUE (channel, queue_ids)
);

CREATE TABLE schema_migration (
  number integer NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT schema_migration_pkey PRIMARY KEY (number)
);

CREATE TABLE source_demographics (
  source_patient_id text NOT NULL,
  version integer NOT NULL,
  last_updated timestamp with time zone NOT NULL,
  source_system text NOT NULL,
  business_key text NOT NULL,
  message_id bigint,
  issues text,
  event_time timestamp with time zone NOT NULL,
  stated boolean NOT NULL,
  element_times text,
  content_key text,
  content bytea NOT NULL,
  CONSTRAINT source_demographics_pkey PRIMARY KEY (source_patient_id),
  CONSTRAINT source_demographics_source_patient_id_fkey FOREIGN KEY (source_patient_id) REFERENCES source_patient(id)
);

CREATE TABLE source_demographics_history (
  source_patient_id text NOT NULL,
  version integer NOT NULL,
  last_updated timestamp with time zone NOT NULL,
  source_system text NOT NULL,
  message_id bigint,
  content_key text,
  content bytea NOT NULL,
  CONSTRAINT source_demographics_history_pkey PRIMARY KEY (source_patient_id, version)
);

CREATE TABLE source_patient (
  id text NOT NULL,
  authority text NOT NULL,
  identifier text NOT NULL,
  first_seen timestamp with time zone NOT NULL DEFAULT now(),
  retired_into text,
  possible_duplicate_of text[],
  CONSTRAINT source_patient_pkey PRIMARY KEY (id),
  CONSTRAINT source_patient_authority_identifier_key UNIQUE (authority, identifier),
  CONSTRAINT source_patient_retired_into_fkey FOREIGN KEY (retired_into) REFERENCES source_patient(id)
);
CREATE INDEX source_patient_marked ON public.source_patient USING gin (possible_duplicate_of) WHERE (possible_duplicate_of IS NOT NULL);

CREATE TABLE terminology_concept (
  load_id bigint NOT NULL,
  folded text NOT NULL,
  code text NOT NULL,
  ordinal integer NOT NULL,
  display text,
  definition text,
  is_active boolean NOT NULL,
  is_abstract boolean NOT NULL,
  designations text,
  words tsvector,
  CONSTRAINT terminology_concept_pkey PRIMARY KEY (load_id, folded)
);
CREATE UNIQUE INDEX terminology_concept_order ON public.terminology_concept USING btree (load_id, ordinal);
CREATE INDEX terminology_concept_words ON public.terminology_concept USING gin (words);

CREATE TABLE terminology_load (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  url text NOT NULL,
  version text NOT NULL,
  format text NOT NULL,
  fingerprint text NOT NULL,
  state text NOT NULL,
  is_current boolean NOT NULL DEFAULT false,
  "position" bigint NOT NULL DEFAULT 0,
  header text NOT NULL,
  rows bigint NOT NULL DEFAULT 0,
  revision bigint NOT NULL DEFAULT 0,
  resource_id text,
  started_at timestamp with time zone NOT NULL,
  ready_at timestamp with time zone,
  CONSTRAINT terminology_load_pkey PRIMARY KEY (id),
  CONSTRAINT terminology_load_check CHECK (((NOT is_current) OR (state = 'ready'::text))),
  CONSTRAINT terminology_load_kind_check CHECK ((kind = ANY (ARRAY['code-system'::text, 'concept-map'::text]))),
  CONSTRAINT terminology_load_state_check CHECK ((state = ANY (ARRAY['loading'::text, 'ready'::text, 'retired'::text])))
);
CREATE UNIQUE INDEX terminology_load_current ON public.terminology_load USING btree (kind, url) WHERE is_current;
CREATE UNIQUE INDEX terminology_load_loading ON public.terminology_load USING btree (kind, url, version, fingerprint) WHERE (state = 'loading'::text);
CREATE UNIQUE INDEX terminology_load_version ON public.terminology_load USING btree (kind, url, version) WHERE (state = 'ready'::text);

CREATE TABLE terminology_map_row (
  load_id bigint NOT NULL,
  ordinal integer NOT NULL,
  source_system text NOT NULL,
  source_code text NOT NULL,
  source_display text,
  target_system text NOT NULL,
  target_code text,
  target_display text,
  equivalence text NOT NULL,
  details text,
  CONSTRAINT terminology_map_row_pkey PRIMARY KEY (load_id, ordinal)
);
CREATE INDEX terminology_map_row_source ON public.terminology_map_row USING btree (load_id, source_code);
CREATE INDEX terminology_map_row_target ON public.terminology_map_row USING btree (load_id, target_code);

CREATE TABLE terminology_property (
  load_id bigint NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  value text NOT NULL
);
CREATE INDEX terminology_property_code ON public.terminology_property USING btree (load_id, code);
CREATE INDEX terminology_property_value ON public.terminology_property USING btree (load_id, name, "left"(value, 200));

CREATE TABLE terminology_relation (
  load_id bigint NOT NULL,
  code text NOT NULL,
  kind text NOT NULL,
  target text NOT NULL
);
CREATE INDEX terminology_relation_code ON public.terminology_relation USING btree (load_id, code, kind, target);
CREATE INDEX terminology_relation_target ON public.terminology_relation USING btree (load_id, target, kind, code);

CREATE TABLE terminology_translation (
  translation text NOT NULL,
  source text NOT NULL,
  rules text NOT NULL,
  CONSTRAINT terminology_translation_pkey PRIMARY KEY (translation, source)
);

CREATE TABLE terminology_unmapped (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  translation text NOT NULL,
  system text NOT NULL,
  code text NOT NULL,
  display text,
  element text NOT NULL,
  source text NOT NULL,
  count bigint NOT NULL,
  first_seen timestamp with time zone NOT NULL,
  last_seen timestamp with time zone NOT NULL,
  message_id bigint,
  state text NOT NULL DEFAULT 'open'::text,
  decided_by text,
  decided_at timestamp with time zone,
  reason text,
  CONSTRAINT terminology_unmapped_pkey PRIMARY KEY (id),
  CONSTRAINT terminology_unmapped_translation_system_code_element_source_key UNIQUE (translation, system, code, element, source)
);
CREATE INDEX terminology_unmapped_frequent ON public.terminology_unmapped USING btree (count DESC, id);

CREATE OR REPLACE FUNCTION public.audit_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'integrity_constraint_violation';
END
$function$;
