import { type Part, part, sql } from '../../../foundation/database/index.ts';
import {
  type Filter,
  type Matcher,
  matcherOf,
  rolesOf,
  TerminologyError,
} from '../../../standards/terminology/index.ts';
import type { Selection } from './selection.ts';

/** Concepts that a regular expression is tried on at most, and may fit. */
const MAX_TRIED = 1_000_000;
const MAX_MATCHED = 100_000;
/** Read at once. */
const PIECE = 10_000;

/** How a filter may look at a concept: at its code, its relations, its flags or its properties. */
type Subject =
  | {
      readonly kind:
        | 'code'
        | 'display'
        | 'definition'
        | 'designation'
        | 'inactive'
        | 'notSelectable'
        | 'child';
    }
  | { readonly kind: 'relation' | 'property'; readonly name: string };

/**
 * One filter of a value set's include as a condition on `terminology_concept c` (R4 filter-operator). Throws TerminologyError for a property or an operation that the code
 * system does not have, as for one in memory.
 */
export async function filterCondition(
  of: Selection,
  filter: Filter,
  among?: readonly string[],
): Promise<Part> {
  const { op, property, value } = filter;
  if (op === 'is-a' || op === 'descendent-of' || op === 'is-not-a' || op === 'generalizes')
    return hierarchical(of, filter, among);
  const subject = subjectOf(of, filter);
  switch (op) {
    case '=':
      return isIn(of, subject, [value]);
    case 'in':
    case 'not-in': {
      const listed = isIn(
        of,
        subject,
        value.split(',').map((one) => one.trim()),
      );
      return op === 'in' ? listed : part`NOT (${listed})`;
    }
    case 'exists':
      if (value !== 'true' && value !== 'false')
        throw new TerminologyError('invalid', `The filter exists of ${property} is true or false`);
      return value === 'true' ? hasAny(of, subject) : part`NOT (${hasAny(of, subject)})`;
    case 'regex': {
      const codes = await matched(of, subject, { matcher: matcherOf(value), among });
      return part`c.folded = ANY(${codes.map(of.folded)})`;
    }
    default:
      throw unsupported(of, filter);
  }
}

const unsupported = ({ url }: Selection, { property, op }: Filter): TerminologyError =>
  new TerminologyError('not-supported', `${url} has no filter ${op} on ${property}`);

/** By the names of R4 (concept-properties), and the code system's own. */
function subjectOf(of: Selection, filter: Filter): Subject {
  const { property } = filter;
  if (property === 'concept' || property === 'code') return { kind: 'code' };
  if (property === 'display' || property === 'designation') return { kind: property };
  switch (rolesOf(of.header.properties).get(property)) {
    case 'parent':
      return { kind: 'relation', name: 'parent' };
    case 'child':
      return { kind: 'child' };
    case 'inactive':
      return { kind: 'inactive' };
    case 'notSelectable':
      return { kind: 'notSelectable' };
    default:
  }
  const own = of.header.properties.find(({ code }) => code === property);
  if (!own && property === 'definition') return { kind: 'definition' };
  if (!own) throw unsupported(of, filter);
  return { kind: own.type === 'code' ? 'relation' : 'property', name: property };
}

/** What all of them look at has one of the values. */
function isIn({ load, folded }: Selection, subject: Subject, values: readonly string[]): Part {
  switch (subject.kind) {
    case 'code':
      return part`c.folded = ANY(${values.map(folded)})`;
    case 'display':
      return part`c.display = ANY(${values})`;
    case 'definition':
      return part`c.definition = ANY(${values})`;
    case 'designation':
      return part`EXISTS (SELECT FROM json_array_elements(c.designations::json) d WHERE d->>0 = ANY(${values}))`;
    case 'inactive':
      return part`(NOT c.is_active)::text = ANY(${values})`;
    case 'notSelectable':
      return part`c.is_abstract::text = ANY(${values})`;
    case 'child':
      return part`c.code IN (SELECT r.target FROM terminology_relation r
        WHERE r.load_id = ${load} AND r.kind = 'parent' AND r.code = ANY(${values}))`;
    // A property that is a code is a relation where the code is one of the same system.
    case 'relation':
      return part`(c.code IN (SELECT r.code FROM terminology_relation r
          WHERE r.load_id = ${load} AND r.kind = ${subject.name} AND r.target = ANY(${values}))
        OR ${hasValue(load, subject.name, values)})`;
    case 'property':
      return hasValue(load, subject.name, values);
  }
}

/** A Coding is `system|code`; it may be named by its code alone. */
const hasValue = (load: number, name: string, values: readonly string[]): Part =>
  part`c.code IN (SELECT p.code FROM terminology_property p
    WHERE p.load_id = ${load} AND p.name = ${name}
      AND (p.type = 'Coding' AND (p.value = ANY(${values}) OR split_part(p.value, '|', 2) = ANY(${values}))
        OR left(p.value, 200) = ANY(${values.map((one) => one.slice(0, 200))}) AND p.value = ANY(${values})))`;

function hasAny({ load }: Selection, subject: Subject): Part {
  switch (subject.kind) {
    case 'code':
    case 'inactive':
    case 'notSelectable':
      return part`TRUE`;
    case 'display':
      return part`c.display IS NOT NULL`;
    case 'definition':
      return part`c.definition IS NOT NULL`;
    case 'designation':
      return part`c.designations IS NOT NULL`;
    case 'child':
      return part`EXISTS (SELECT FROM terminology_relation r
        WHERE r.load_id = ${load} AND r.kind = 'parent' AND r.target = c.code)`;
    case 'relation':
    case 'property':
      return part`(EXISTS (SELECT FROM terminology_relation r
          WHERE r.load_id = ${load} AND r.kind = ${subject.name} AND r.code = c.code)
        OR EXISTS (SELECT FROM terminology_property p
          WHERE p.load_id = ${load} AND p.name = ${subject.name} AND p.code = c.code))`;
  }
}

/** Those of a few codes that lie below one: quicker from them upwards than over all that is below. */
const belowAmong = (load: number, code: string, among: readonly string[]): Part =>
  part`(WITH RECURSIVE above (start, code) AS (
      SELECT r.code, r.target FROM terminology_relation r
       WHERE r.load_id = ${load} AND r.kind = 'parent' AND r.code = ANY(${among})
      UNION SELECT a.start, r.target FROM above a
        JOIN terminology_relation r ON r.load_id = ${load} AND r.kind = 'parent' AND r.code = a.code)
    SELECT start FROM above WHERE code = ${code})`;

/** Codes below or above one. UNION keeps each code once, so that a cycle ends. */
async function hierarchical(of: Selection, filter: Filter, among?: readonly string[]): Promise<Part> {
  const { op, property, value } = filter;
  if (property !== 'concept' && property !== 'code') throw unsupported(of, filter);
  const { load, folded, database, url } = of;
  const [row] = await database.query<{ code: string }>(
    sql('terminology.code-of', 'SELECT code FROM terminology_concept WHERE load_id = $1 AND folded = $2'),
    [load, folded(value)],
  );
  if (!row)
    throw new TerminologyError('not-found', `The filter ${op} names ${value}, which ${url} does not have`);
  const { code } = row;
  const above = part`(WITH RECURSIVE above (code) AS (
      SELECT target FROM terminology_relation WHERE load_id = ${load} AND kind = 'parent' AND code = ${code}
      UNION SELECT r.target FROM above a JOIN terminology_relation r ON r.load_id = ${load} AND r.kind = 'parent' AND r.code = a.code)
    SELECT code FROM above)`;
  const below = among
    ? belowAmong(load, code, among)
    : part`(WITH RECURSIVE below (code) AS (
      SELECT code FROM terminology_relation WHERE load_id = ${load} AND kind = 'parent' AND target = ${code}
      UNION SELECT r.code FROM below b JOIN terminology_relation r ON r.load_id = ${load} AND r.kind = 'parent' AND r.target = b.code)
    SELECT code FROM below)`;
  if (op === 'generalizes') return part`(c.code = ${code} OR c.code IN ${above})`;
  if (op === 'is-a') return part`(c.code = ${code} OR c.code IN ${below})`;
  if (op === 'descendent-of') return part`(c.code IN ${below} AND c.code <> ${code})`;
  return part`NOT (c.code = ${code} OR c.code IN ${below})`;
}

interface Matched {
  readonly matcher: Matcher;
  /** Only of these codes is it asked. */
  readonly among: readonly string[] | undefined;
}

/** Codes of the concepts that a regular expression fits, a piece of the code system after the other. */
async function matched(
  of: Selection,
  subject: Subject,
  { matcher, among }: Matched,
): Promise<readonly string[]> {
  const { load, database, header, url } = of;
  const meant = among ? part`AND c.folded = ANY(${among.map(of.folded)})` : part``;
  const found = new Set<string>();
  const count = header.count ?? MAX_TRIED;
  if (count > MAX_TRIED) throw tooMuch(url);
  const size = among ? count : PIECE;
  for (let from = 0; from < count; from += size) {
    const { text, parameters } =
      part`${valuesOf(subject)} WHERE c.load_id = ${load} AND c.ordinal >= ${from} AND c.ordinal < ${from + size} ${meant}`.render();
    const rows = await database.query<{ code: string; value: string | null }>(
      sql('terminology.values', `SELECT c.code, ${text}`, { prepare: false }),
      parameters,
    );
    for (const { code, value } of rows) {
      if (value !== null && matcher.matches(value)) found.add(code);
      const resting = matcher.rest();
      if (resting) await resting;
    }
    if (found.size > MAX_MATCHED) throw tooMuch(url);
  }
  return [...found];
}

const tooMuch = (url: string): TerminologyError =>
  new TerminologyError('too-costly', `A regular expression fits more of ${url} than is looked at at once`);

function valuesOf(subject: Subject): Part {
  switch (subject.kind) {
    case 'code':
      return part`c.code AS value FROM terminology_concept c`;
    case 'display':
      return part`c.display AS value FROM terminology_concept c`;
    case 'definition':
      return part`c.definition AS value FROM terminology_concept c`;
    case 'designation':
      return part`d->>0 AS value FROM terminology_concept c, json_array_elements(c.designations::json) d`;
    case 'inactive':
      return part`(NOT c.is_active)::text AS value FROM terminology_concept c`;
    case 'notSelectable':
      return part`c.is_abstract::text AS value FROM terminology_concept c`;
    case 'child':
      return part`r.code AS value FROM terminology_concept c
        JOIN terminology_relation r ON r.load_id = c.load_id AND r.target = c.code AND r.kind = 'parent'`;
    case 'relation':
    case 'property':
      return part`v.value FROM terminology_concept c JOIN LATERAL (
        SELECT r.target AS value FROM terminology_relation r
         WHERE r.load_id = c.load_id AND r.code = c.code AND r.kind = ${subject.name}
        UNION ALL SELECT p.value FROM terminology_property p
         WHERE p.load_id = c.load_id AND p.code = c.code AND p.name = ${subject.name}) v ON TRUE`;
  }
}
