import { createIdentity, type Identity, matchingKeys } from '../../src/clinical/identity/index.ts';
import { featuresOf } from '../../src/clinical/matching/index.ts';
import { patientId } from '../../src/clinical/record/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import {
  attachEmbedded,
  copyField,
  copyRows,
  type Database,
  openDatabase,
  sql,
} from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { startEngine } from '../harness/engine.ts';
import { Sender } from '../harness/generator.ts';
import { People } from '../harness/people.ts';
import { percentile, report } from '../harness/report.ts';
import { framed } from '../harness/result-message.ts';

const AUTHORITY = '2.16.840.1.113883.19.5';
const ASKED = 2_000;
const FED = 3_000;
const FEED_LIMIT_MS = 120_000;
const CONNECTIONS = 8;
const MIB = 1_048_576;

/**
 * One patient against 100,000 persons (`--full`: a million), names skewed as in life: half of those asked about are known, a third of them with
 * a slip. Then registrations of a second system over MLLP into the same record, a third of people who are known.
 */
export async function identity(full: boolean): Promise<void> {
  const persons = full ? 1_000_000 : 100_000;
  const people = new People();
  const engine = await startEngine({ config: 'bench/configs/registrations.config.ts' });
  try {
    const url = await attachEmbedded({ home: engine.home, logger: silentLogger });
    if (!url) throw new Error('the PostgreSQL of the engine is not there');
    const database = await openDatabase({ url, logger: silentLogger });
    try {
      await known(database, people, persons);
      const identity = createIdentity({ database, clock: systemClock, logger: silentLogger });
      await matching(database, identity, { people, persons });
      await feeding(database, engine.mllpPort, { people, persons });
      report({
        name: 'identity.rss',
        value: (await engine.rss()) / MIB,
        unit: 'MiB',
        note: `the engine's process, after the feed, at ${persons} persons`,
      });
    } finally {
      await database.close();
    }
  } finally {
    await engine.stop();
  }
}

interface Population {
  readonly people: People;
  readonly persons: number;
}

async function matching(
  database: Database,
  identity: Identity,
  { people, persons }: Population,
): Promise<void> {
  const took: number[] = [];
  const bare: number[] = [];
  const compared: number[] = [];
  let found = 0;
  for (let n = 0; n < ASKED + 200; n += 1) {
    const isKnown = n % 2 === 0;
    const who = isKnown ? (n * 7_919) % persons : persons + n;
    const patient = people.again(who);
    const started = performance.now();
    const { matches, compared: count } = await identity.match(patient);
    const elapsed = performance.now() - started;
    if (n < 200) continue;
    took.push(elapsed);
    compared.push(count);
    const expected = patientId({
      authority: AUTHORITY,
      identifier: people.patient(who).identifier?.[0]?.value ?? '',
    });
    if (isKnown && matches[0]?.person === expected) found += 1;
    const asked = performance.now();
    await database.query(oneKey, [1]);
    bare.push(performance.now() - asked);
  }
  const yardstick = percentile(bare, 50);
  const p50 = percentile(took, 50);
  const note = `against ${persons} persons; ${((found / ASKED) * 200).toFixed(1)} % of those known found first; yardstick: one look-up by an index`;
  report({ name: 'identity.match.p50', value: p50, unit: 'ms', yardstick, ratio: p50 / yardstick, note });
  report({ name: 'identity.match.p99', value: percentile(took, 99), unit: 'ms' });
  report({
    name: 'identity.match.candidates',
    value: percentile(compared, 99),
    unit: 'persons',
    note: 'p99',
  });
}

const oneKey = sql('bench.one-key', 'SELECT number FROM identity_features WHERE number = $1');
const countPatients = sql(
  'bench.observed',
  "SELECT count(*)::int AS patients FROM identity_features f JOIN source_patient s ON s.id = f.source_patient_id WHERE s.authority = '2.16.840.1.113883.19.6'",
);

async function feeding(database: Database, port: number, { people, persons }: Population): Promise<void> {
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const sender = await Sender.open(port);
      for (let n = next++; n < FED; n = next++) {
        const who = n % 3 === 0 ? (n * 104_729) % persons : persons + 10_000 + n;
        await sender.send(framed(registration(n, people.again(who))));
      }
      sender.close();
    }),
  );
  for (;;) {
    const [row] = await database.query<{ patients: number }>(countPatients);
    if ((row?.patients ?? 0) >= FED) break;
    if (performance.now() - started > FEED_LIMIT_MS)
      throw new Error(`${row?.patients} of ${FED} patients were fed in time`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const seconds = (performance.now() - started) / 1_000;
  report({
    name: 'identity.feed',
    value: FED / seconds,
    unit: 'patients/s',
    note: 'ADT^A28 over MLLP to the committed record, one in three a person who is known',
  });
}

/** ADT^A28 of a patient of the generator. */
function registration(n: number, patient: ReturnType<People['again']>): Buffer {
  const [name] = patient.name ?? [];
  const [address] = patient.address ?? [];
  const given = [name?.given?.[0] ?? '', name?.given?.[1] ?? ''];
  const pid = [
    ...['PID', '1', '', `${patient.identifier?.[0]?.value}^^^&2.16.840.1.113883.19.6&ISO^MR`, ''],
    ...[`${name?.family}^${given.join('^')}`, '', (patient.birthDate ?? '').replaceAll('-', '')],
    ...[patient.gender === 'female' ? 'F' : 'M', '', ''],
    ...[`${address?.line?.[0]}^^${address?.city}^^${address?.postalCode}`, ''],
    patient.telecom?.[0]?.value ?? '',
  ].join('|');
  const time = '20260102120000';
  return Buffer.from(
    [
      `MSH|^~\\&|CLINIC|C|ISTHMUS|I|${time}||ADT^A28^ADT_A05|R${n}|P|2.5.1`,
      `EVN|A28|${time}`,
      pid,
      'PV1|1|N',
      '',
    ].join('\r'),
  );
}

const CHUNK = 5_000;

/** Persons as registrations would have left them, written with COPY. */
async function known(database: Database, people: People, persons: number): Promise<void> {
  for (let from = 0; from < persons; from += CHUNK) {
    const rows: Record<keyof typeof copies, string[]> = {
      sources: [],
      persons: [],
      links: [],
      resources: [],
      features: [],
      keys: [],
    };
    for (let n = from; n < Math.min(persons, from + CHUNK); n += 1) add(rows, n, people);
    await database.transaction(async (transaction) => {
      for (const [table, text] of Object.entries(copies))
        await copyRows(transaction, text, rows[table as keyof typeof copies].join(''));
    });
  }
  await database.query(
    sql('bench.numbers', "SELECT setval(pg_get_serial_sequence('identity_features', 'number'), $1)", {
      prepare: false,
    }),
    [persons + 1],
  );
  await database.query(sql('bench.analyze', 'VACUUM ANALYZE', { prepare: false }));
  await database.query(sql('bench.checkpoint', 'CHECKPOINT', { prepare: false }));
}

const copies = {
  sources: sql('bench.copy-sources', 'COPY source_patient (id, authority, identifier) FROM STDIN'),
  persons: sql('bench.copy-persons', 'COPY person (id) FROM STDIN'),
  links: sql('bench.copy-links', 'COPY person_link (source_patient_id, person_id) FROM STDIN'),
  resources: sql(
    'bench.copy-resources',
    'COPY resource (type, id, version, last_updated, source_system, source_patient_id, business_key, event_time, stated, tokens, refs, indexed_as, content) FROM STDIN',
  ),
  features: sql(
    'bench.copy-features',
    'COPY identity_features (source_patient_id, number, statement_version, extracted_as, features, observed_at, is_settled) FROM STDIN',
  ),
  keys: sql('bench.copy-keys', 'COPY identity_key (key, number) FROM STDIN'),
};

const NOW = '2026-01-01T00:00:00Z';
const line = (...fields: (string | number | boolean | null)[]): string =>
  `${fields.map(copyField).join('\t')}\n`;

function add(rows: Record<keyof typeof copies, string[]>, n: number, people: People): void {
  const patient = people.patient(n);
  const identifier = patient.identifier?.[0]?.value ?? '';
  const id = patientId({ authority: AUTHORITY, identifier });
  const content = Buffer.from(JSON.stringify({ ...patient, id }));
  const features = featuresOf(patient);
  rows.sources.push(line(id, AUTHORITY, identifier));
  rows.persons.push(line(id));
  rows.links.push(line(id, id));
  rows.resources.push(
    line(
      'Patient',
      id,
      1,
      NOW,
      'hospital',
      id,
      identifier,
      NOW,
      true,
      '{}',
      '{}',
      1,
      `\\x${content.toString('hex')}`,
    ),
  );
  rows.features.push(line(id, n + 1, 1, 1, JSON.stringify(features), NOW, true));
  for (const key of new Set(matchingKeys(features))) rows.keys.push(line(key, n + 1));
}
