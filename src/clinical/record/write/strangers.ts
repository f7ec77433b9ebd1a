import { sql, type Transaction } from '../../../foundation/database/index.ts';
import { isShared } from '../entries.ts';
import { patientId, resourceId } from '../ids.ts';
import type { RecordWrite } from '../types.ts';

/** A write whose number is that of another person's resource. Ids only. */
export interface Stranger {
  readonly write: RecordWrite;
  /** The source patient whom the resource of that number is about. */
  readonly belongsTo: string;
}

interface Standing {
  readonly type: string;
  readonly id: string;
  readonly source: string;
  readonly person: string | null;
}

const readOwners = sql(
  'record.read-owners',
  `SELECT r.type, r.id, r.source_patient_id AS source, l.person_id AS person
     FROM unnest((SELECT $1::text[]), (SELECT $2::text[])) AS w (type, id)
     JOIN resource r ON r.id = w.id AND r.type = w.type
     LEFT JOIN person_link l ON l.source_patient_id = r.source_patient_id
    WHERE r.source_patient_id IS NOT NULL`,
);
const readPersons = sql(
  'record.read-persons-of',
  'SELECT source_patient_id AS source, person_id AS person FROM person_link WHERE source_patient_id = ANY($1::text[])',
);

/**
 * Numbers of orders, results, visits and appointments are used again, and typed wrongly. What is said under the number of another person's resource is
 * kept as a resource of its own (R30): neither does it land on their chart, nor is anything taken from it. Whose the number is does not
 * hang on the order within the batch beyond who came first. Returns the writes, references among them included, and which were kept apart.
 */
export async function partStrangers(
  transaction: Transaction,
  messages: readonly (readonly RecordWrite[])[],
): Promise<{
  readonly messages: readonly (readonly RecordWrite[])[];
  readonly strangers: readonly Stranger[];
}> {
  const about = messages.flat().filter(isAboutSomebody);
  if (about.length === 0) return { messages, strangers: [] };
  const owners = await ownersOf(transaction, about);
  const persons = await personsOf(transaction, about);
  const strangers: Stranger[] = [];
  const parted = messages.map((writes) => {
    const renamed = new Map<string, string>();
    for (const write of writes) {
      if (!isAboutSomebody(write)) continue;
      const source = patientId(write.origin.patient);
      const person = persons.get(source) ?? source;
      const name = `${write.type}/${write.id}`;
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, { source, person });
      else if (owner.person !== person && !renamed.has(name)) {
        renamed.set(name, `${write.type}/${resourceId(write.type, `of ${source}`, write.id)}`);
        strangers.push({ write, belongsTo: owner.source });
      }
    }
    return renamed.size === 0 ? writes : writes.map((write) => renamedIn(write, renamed));
  });
  return { messages: parted, strangers };
}

type AboutSomebody = RecordWrite & {
  readonly origin: { readonly patient: NonNullable<RecordWrite['origin']['patient']> };
};

const isAboutSomebody = (write: RecordWrite): write is AboutSomebody =>
  write.type !== 'Patient' && write.origin.patient !== undefined && !isShared(write.type);

async function ownersOf(
  transaction: Transaction,
  writes: readonly RecordWrite[],
): Promise<Map<string, { source: string; person: string }>> {
  const names = new Map(writes.map(({ type, id }) => [`${type}/${id}`, { type, id }]));
  const rows = await transaction.query<Standing>(readOwners, [
    [...names.values()].map(({ type }) => type),
    [...names.values()].map(({ id }) => id),
  ]);
  return new Map(
    rows.map(({ type, id, source, person }) => [`${type}/${id}`, { source, person: person ?? source }]),
  );
}

/** Of a source patient that nobody knows yet its own id, which is the person it founds. */
async function personsOf(
  transaction: Transaction,
  writes: readonly AboutSomebody[],
): Promise<Map<string, string>> {
  const sources = [...new Set(writes.map(({ origin }) => patientId(origin.patient)))];
  const rows = await transaction.query<{ source: string; person: string }>(readPersons, [sources]);
  return new Map(rows.map(({ source, person }) => [source, person]));
}

/** Under its own name, and leading to those of the message that have theirs. */
function renamedIn(write: RecordWrite, renamed: ReadonlyMap<string, string>): RecordWrite {
  const own = renamed.get(`${write.type}/${write.id}`);
  const id = own === undefined ? write.id : own.slice(write.type.length + 1);
  return { ...write, id, set: leading(write.set, renamed) as RecordWrite['set'] };
}

function leading(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => leading(one, renamed));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      name === 'reference' && typeof one === 'string' ? (renamed.get(one) ?? one) : leading(one, renamed),
    ]),
  );
}
