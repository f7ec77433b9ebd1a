import { type Queryable, sql } from '../../src/foundation/database/index.ts';

/**
 * Rows as the writer would fill them, made inside the database: patients with names that are skewed as in life, each with encounters of ten
 * observations, and a Provenance for each. A patient's rows lie together, as an import leaves them.
 */
export async function fillSynthetic(database: Queryable, patients: number, from = 1): Promise<void> {
  for (const text of [
    PEOPLE,
    SOURCES,
    LINKS,
    PATIENTS,
    NAMES,
    ENCOUNTERS,
    OBSERVATIONS,
    PROVENANCES,
    PASSED,
    ANALYZE,
  ])
    await database.query(
      sql('synthetic', text, { prepare: false }),
      text.includes('$2') ? [patients, from] : [],
    );
}

const ENCOUNTERS_EACH = 10;

const PEOPLE = `INSERT INTO person (id) SELECT 'p' || p FROM generate_series($2::integer, $1::integer) p`;
const SOURCES = `INSERT INTO source_patient (id, authority, identifier) SELECT 'p' || p, 'urn:synthetic', 'p' || p FROM generate_series($2::integer, $1::integer) p`;
const LINKS = `INSERT INTO person_link (source_patient_id, person_id) SELECT 'p' || p, 'p' || p FROM generate_series($2::integer, $1::integer) p`;

const row = (values: {
  type: string;
  id: string;
  patient: string;
  date: string;
  tokens: string;
  refs: string;
  rest: string;
}) => `INSERT INTO resource (type, id, version, last_updated, source_system, source_patient_id, business_key, event_time, stated, date_from,
    date_to, tokens, refs, params, content, indexed_as)
  SELECT '${values.type}', ${values.id}, 1, date_trunc('milliseconds', now()) + make_interval(secs => p), 'synthetic', ${values.patient}, '', now(), true,
    ${values.date}, ${values.date} + interval '1 day', ARRAY[${values.tokens}], ARRAY[${values.refs}]::text[], '{}',
    convert_to('{"resourceType":"${values.type}","id":"' || (${values.id}) || '","text":"' || repeat('content ', 100) || '"}', 'UTF8'), 1
  FROM ${values.rest}`;

const token = (param: string, system: string, code: string) =>
  `'${param}=' || ${code}, '${param}|${system}|' || ${code}, '${param}@${system}'`;

const PATIENTS = row({
  type: 'Patient',
  id: `'p' || p`,
  patient: `'p' || p`,
  date: `timestamptz '1930-01-01' + make_interval(days => (p * 7919) % 30000)`,
  tokens: `${token('gender', 'http://hl7.org/fhir/administrative-gender', `(ARRAY['male', 'female'])[1 + p % 2]`)}, ${token('identifier', 'urn:mrn', `('MRN' || p)`)}`,
  refs: '',
  rest: 'generate_series($2::integer, $1::integer) p',
});

/** The square makes low numbers frequent. */
const NAMES = `INSERT INTO resource_string (rid, type, param, value, exact)
  SELECT r.rid, 'Patient', n.param, n.prefix || (random() * random() * 400)::integer, ''
    FROM resource r, (VALUES ('name', 'fam'), ('family', 'fam'), ('name', 'giv'), ('given', 'giv')) AS n (param, prefix) WHERE r.type = 'Patient' AND substr(r.id, 2)::integer BETWEEN $2::integer AND $1::integer`;

const EVENTS = `generate_series($2::integer, $1::integer) p, generate_series(1, ${ENCOUNTERS_EACH}) e`;
const VISIT_DATE = `timestamptz '2016-01-01' + make_interval(days => e * 300 + p % 300)`;
const REFERS = `'patient|Patient/p' || p, 'subject|Patient/p' || p`;

const ENCOUNTERS = row({
  type: 'Encounter',
  id: `'e' || p || '-' || e`,
  patient: `'p' || p`,
  date: VISIT_DATE,
  tokens: token(
    'class',
    'http://terminology.hl7.org/CodeSystem/v3-ActCode',
    `(ARRAY['AMB', 'EMER', 'IMP'])[1 + e % 3]`,
  ),
  refs: REFERS,
  rest: EVENTS,
});

const OBSERVATIONS = row({
  type: 'Observation',
  id: `'o' || p || '-' || e || '-' || o`,
  patient: `'p' || p`,
  date: VISIT_DATE,
  tokens: `${token('code', 'http://loinc.org', `((o * o * 37 + e % 3) % 60)`)}, ${token('category', 'urn:category', `(ARRAY['laboratory', 'vital-signs', 'survey'])[1 + o % 3]`)},
    ${token('status', 'http://hl7.org/fhir/observation-status', `'final'`)}`,
  refs: `${REFERS}, 'encounter|Encounter/e' || p || '-' || e`,
  rest: `${EVENTS}, generate_series(1, 10) o`,
});

const PROVENANCES = row({
  type: 'Provenance',
  id: `'v' || p || '-' || e`,
  patient: `'p' || p`,
  date: VISIT_DATE,
  tokens: token('agent-role', 'urn:role', `'author'`),
  refs: `'patient|Patient/p' || p, 'target|Patient/p' || p, 'target|Encounter/e' || p || '-' || e, 'target|Observation/o' || p || '-' || e || '-1'`,
  rest: EVENTS,
});

/** A passed version of every observation. */
const PASSED = `INSERT INTO resource_history (type, id, version, last_updated, source_system, source_patient_id, business_key, content)
  SELECT type, id, 0, last_updated - interval '1 hour', source_system, source_patient_id, business_key, content FROM resource
   WHERE type = 'Observation' AND substr(source_patient_id, 2)::integer BETWEEN $2::integer AND $1::integer`;

const ANALYZE = 'ANALYZE';
