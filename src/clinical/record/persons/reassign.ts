import type { Keyring } from '../../../foundation/crypto/index.ts';
import { type Queryable, sql, type Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { parseExact } from '../../../standards/fhir/index.ts';
import { entriesOf } from '../write/entries-of.ts';
import { type Current, lockRows } from '../write/lock.ts';
import type { NewRow } from '../write/rows.ts';
import type { Content } from '../write/slot.ts';
import { storeUpdated } from '../write/store.ts';
import { encodeContent, keyOf, versionOfRow } from '../write/version.ts';

interface Named {
  readonly type: string;
  readonly id: string;
}

/** A visit or an account with what came of it: all are of one source patient. */
export interface Belongings {
  readonly source: string;
  readonly resources: readonly Named[];
}

/** What one visit or account can take with it, and how far what belongs to it is followed (a visit of an account, its results). */
const MAX_BELONGINGS = 10_000;
const MAX_STEPS = 4;

/** Of the same source patient, what refers to one of these ($2). What tells of messages stays where these were. */
const referring = sql(
  'record.belongings',
  `SELECT r.type, r.id FROM resource r
    WHERE r.source_patient_id = $1 AND r.type NOT IN ('Patient', 'Provenance', 'AuditEvent')
      AND EXISTS (SELECT FROM unnest(r.refs) AS e (entry) WHERE substr(e.entry, strpos(e.entry, '|') + 1) = ANY($2::text[]))
    ORDER BY r.rid LIMIT $3`,
);
const sourceOf = sql(
  'record.source-of',
  'SELECT source_patient_id AS source FROM resource WHERE id = $1 AND type = $2 FOR UPDATE',
);

/** Undefined where there is no such resource, or it is nobody's. Throws TOO_LARGE beyond 10,000. */
export async function belongingsOf(queryable: Queryable, name: Named): Promise<Belongings | undefined> {
  const [row] = await queryable.query<{ source: string | null }>(sourceOf, [name.id, name.type]);
  const source = row?.source;
  if (!source) return undefined;
  const found = new Map<string, Named>([[keyOf(name), name]]);
  for (let step = 0, next = [keyOf(name)]; step < MAX_STEPS && next.length > 0; step += 1) {
    const rows = await queryable.query<Named>(referring, [source, next, MAX_BELONGINGS + 1]);
    const fresh = rows.filter((one) => !found.has(keyOf(one)));
    for (const one of fresh) found.set(keyOf(one), { type: one.type, id: one.id });
    if (found.size > MAX_BELONGINGS)
      throw new IsthmusError('TOO_LARGE', {
        rule: `at most ${MAX_BELONGINGS} resources go with one visit or account`,
      });
    next = fresh.map(keyOf);
  }
  return { source, resources: [...found.values()] };
}

export interface Reassigning {
  readonly resources: readonly Named[];
  /** Source patients. */
  readonly from: string;
  readonly to: string;
  /** Opens and seals contents. */
  readonly keyring?: Keyring;
}

/**
 * Says of these resources that they are about another source patient: the next version of each, with history and feed. Returns how many. Throws
 * IDENTITY_REFUSED for one that is about somebody else by now, or names both, because then nobody could tell them apart again.
 */
export async function reassign(
  transaction: Transaction,
  { resources, from, to, keyring }: Reassigning,
): Promise<number> {
  const { current } = await lockRows(transaction, resources, keyring);
  const rows = [...current.values()].map((one) => reassigned(one, from, to));
  await storeUpdated(transaction, rows, { keyring });
  return rows.length;
}

function reassigned({ row, content }: Current, from: string, to: string): NewRow {
  const text = content.toString();
  if (row.source_patient_id !== from)
    throw new IsthmusError('IDENTITY_REFUSED', {
      place: row.type,
      rule: 'the resource is about another patient by now',
    });
  if (text.includes(reference(to)))
    throw new IsthmusError('IDENTITY_REFUSED', { place: row.type, rule: 'the resource names both patients' });
  const moved = parseExact(text.replaceAll(reference(from), reference(to))) as Content;
  return {
    version: { ...versionOfRow(row, encodeContent(moved)), version: row.version + 1, sourcePatientId: to },
    eventTime: row.event_time.getTime(),
    stated: row.stated,
    elementTimes: row.element_times,
    entries: entriesOf(moved, row.issues !== null),
    told: true,
  };
}

/** A quotation mark within a JSON string is escaped, so that this text can only be a reference. */
const reference = (patient: string): string => `"reference":"Patient/${patient}"`;
