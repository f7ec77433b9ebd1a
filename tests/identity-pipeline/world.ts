import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity, type Identity, type Review } from '../../src/clinical/identity/index.ts';
import { patientId, type RecordReader, recordReader } from '../../src/clinical/record/index.ts';
import { listEntries, listQueues, type QueueSummary, traceOf } from '../../src/exchange/queue/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { readSettings } from '../../src/foundation/config/index.ts';
import { type SqlParameter, sql } from '../../src/foundation/database/index.ts';
import { createLogger, silentLogger } from '../../src/foundation/logging/index.ts';
import {
  allMigrations,
  heldMessage,
  type RunningIsthmus,
  releaseHeld,
  startIsthmus,
} from '../../src/server/engine/index.ts';
import { sendMllp } from '../server/support.ts';
import { eventually, freePort, openTestDatabase, removeHome, type TestDatabase } from '../support/index.ts';

/** A real engine, in this process: sockets, queues, record, API. Three systems: a hospital, its laboratory, a clinic with numbers of its own. */

export const HOSPITAL = '2.16.840.1.113883.19.5';
export const CLINIC = '2.16.840.1.113883.19.6';
const CHANNELS = ['adt', 'lab', 'clinic'] as const;
type Channel = (typeof CHANNELS)[number];

type Resource = { readonly resourceType: string; readonly id: string; readonly [element: string]: unknown };

export interface World {
  readonly db: TestDatabase;
  readonly identity: Identity;
  readonly record: RecordReader;
  /** Sends messages one after the other; each is acknowledged. */
  send(channel: Channel, ...messages: readonly string[]): Promise<void>;
  /** Until nothing waits in any queue but what is held, parked, or blocked behind it. */
  settled(): Promise<void>;
  queue(channel: Channel): Promise<QueueSummary | undefined>;
  /** Why an entry is held or parked. */
  reasons(channel: Channel, state: 'held' | 'parked'): Promise<(string | null)[]>;
  get(path: string): Promise<Resource>;
  call(
    method: 'POST' | 'PUT',
    path: string,
    body: object,
  ): Promise<{ status: number; body: Resource; etag: string }>;
  /** The person behind a number, as the API shows the chart. */
  person(identifier: string, authority?: string): Promise<string>;
  /** Ids of what is found of a type for a patient. */
  found(type: string, patient: string): Promise<string[]>;
  open(kind?: Review['kind']): Promise<Review[]>;
  answer(review: Review | undefined, answer: 'same' | 'different'): Promise<void>;
  rows<Row extends object>(text: string, ...parameters: SqlParameter[]): Promise<Row[]>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface Opening {
  readonly log?: string[];
  /** A webhook on this port hears of what the hospital's messages change. */
  readonly hook?: number;
}

export async function openWorld(identitySection = '{}', { log, hook }: Opening = {}): Promise<World> {
  const db = await openTestDatabase({ migrations: allMigrations });
  const home = await mkdtemp(join(tmpdir(), 'isthmus-identity-'));
  await chmod(home, 0o755);
  const ports = { adt: await freePort(), lab: await freePort(), clinic: await freePort() };
  const configPath = join(home, 'isthmus.config.ts');
  writeFileSync(
    configPath,
    `import { channel, defineConfig, ehr, identify, mllp, record, secret, system, telehealth, webhook } from 'isthmus';
export default defineConfig({
  systems: {
    general: ehr({ authority: '${HOSPITAL}' }),
    laboratory: system({ authority: '${HOSPITAL}' }),
    clinic: ehr({ authority: '${CLINIC}' }),
    televisit: telehealth({ webhook: {
      url: 'http://127.0.0.1:${hook ?? 1}/hook', secrets: [secret('WEBHOOK_SECRET')],
      allow: [{ host: '127.0.0.1', port: ${hook ?? 1}, plaintext: true, private: true }],
    } }),
  },
  channels: [
    channel('adt', { from: mllp({ port: ${ports.adt}, system: 'general' }), steps: [identify()],
      to: [record()${hook ? ", webhook('televisit')" : ''}] }),
    channel('lab', { from: mllp({ port: ${ports.lab}, system: 'laboratory' }), steps: [identify()], to: [record()] }),
    channel('clinic', { from: mllp({ port: ${ports.clinic}, system: 'clinic' }), steps: [identify()], to: [record()] }),
  ],
  identity: ${identitySection},
});
`,
  );
  const settings = readSettings({ ISTHMUS_HOME: home, DATABASE_URL: db.url, PORT: String(await freePort()) });
  const logger = log ? createLogger({ level: 'info', write: (line) => log.push(line) }) : silentLogger;
  const start = () =>
    startIsthmus({
      ...{ configPath, settings, logger },
      environment: { WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
    });
  let engine: RunningIsthmus = await start();
  const { database } = db;
  const identity = createIdentity({
    ...{ database, clock: systemClock, logger: silentLogger, onAnswered: releaseHeld(database) },
    readMessage: heldMessage(database, undefined),
  });
  const headers = () => ({
    authorization: `Bearer ${readFileSync(join(home, 'token'), 'utf8').trim()}`,
    'content-type': 'application/fhir+json',
  });
  const get = async (path: string) =>
    (await (await fetch(`${engine.url}/fhir/R4/${path}`, { headers: headers() })).json()) as Resource;
  const rows: World['rows'] = (text, ...parameters) =>
    database.query(sql('test', text, { prepare: false }), parameters);
  return {
    ...{ db, identity, get, rows },
    record: recordReader(database, { scope: { kind: 'everything' } }),
    async send(channel, ...messages) {
      for (const message of messages) {
        const answer = await sendMllp(ports[channel], message);
        if (!answer.includes('MSA|AA')) throw new Error(answer);
      }
    },
    settled: async () => {
      await eventually(
        async () =>
          (await listQueues(database)).every(
            ({ depth, parked, held, blocked }) =>
              depth === parked + held + blocked && (blocked === 0 || parked + held > 0),
          ),
        { deadlineMs: 20_000, what: 'the queues to be empty' },
      );
    },
    queue: async (channel) => (await listQueues(database)).find(({ name }) => name === channel),
    reasons: async (queue, state) =>
      (await listEntries(database, { queue, state })).map(({ reason }) => reason),
    async call(method, path, body) {
      const response = await fetch(`${engine.url}/fhir/R4/${path}`, {
        ...{ method, headers: headers(), body: JSON.stringify(body) },
      });
      return {
        status: response.status,
        body: (await response.json()) as Resource,
        etag: response.headers.get('etag') ?? '',
      };
    },
    async person(identifier, authority = HOSPITAL) {
      const [row] = await rows<{ person_id: string }>(
        'SELECT person_id FROM person_link WHERE source_patient_id = $1',
        patientId({ authority, identifier }),
      );
      return row?.person_id ?? '';
    },
    async found(type, patient) {
      const bundle = await get(`${type}?patient=${patient}&_count=200`);
      return ((bundle.entry ?? []) as { resource: Resource }[]).map(({ resource }) => resource.id);
    },
    open: (kind) => identity.reviews.list(kind ? { kind } : {}),
    async answer(review, answer) {
      if (!review) throw new Error('there is no such question');
      const { id, messageId } = review;
      await identity.answer({ id, answer, by: 'reviewer', reason: 'looked at both' });
      if (messageId === undefined) return;
      // It goes on after the answer.
      await eventually(
        async () =>
          (await traceOf(database, messageId)).every(({ state }) => state === 'done' || state === 'parked'),
        { deadlineMs: 15_000, what: 'the message to go on' },
      );
    },
    async restart() {
      await engine.stop();
      engine = await start();
    },
    async stop() {
      await engine.stop();
      await db.drop();
      await removeHome(home);
    },
  };
}

export interface Person {
  readonly number: string;
  readonly authority?: string;
  readonly family: string;
  readonly given: string;
  readonly born: string;
  readonly sex: 'M' | 'F';
  readonly street?: string;
  readonly phone?: string;
  readonly ssn?: string;
  /** PID-18. */
  readonly account?: string;
  /** PID-24, PID-25. */
  readonly birth?: string;
}

let controlIds = 0;
const stamp = (minute: number) =>
  `202603101${Math.floor(minute / 60) % 10}${String(minute % 60).padStart(2, '0')}00-0500`;

function msh(type: string, minute: number): string {
  controlIds += 1;
  return `MSH|^~\\&|APP|FAC|ISTHMUS|ISTHMUS|${stamp(minute)}||${type}|C${controlIds}|P|2.5.1`;
}

const cx = ({ number, authority = HOSPITAL }: Pick<Person, 'number' | 'authority'>): string =>
  `${number}^^^A&${authority}&ISO^MR`;

function pid(person: Person): string {
  const { family, given, born, sex, street = '', phone = '', ssn = '', account = '', birth = '' } = person;
  const address = street === '' ? '' : `${street}^^Springfield^IL^62701`;
  return `PID|1||${cx(person)}||${family}^${given}||${born}|${sex}|||${address}||${phone}|||||${account}|${ssn}|||||${birth}`;
}

/** A registration. */
export const adt = (event: string, person: Person, { minute = 0, more = [] as string[] } = {}): string =>
  [msh(`ADT^${event}`, minute), `EVN||${stamp(minute)}`, pid(person), ...more, ''].join('\r');

/** A result, with the PID as the laboratory has it. */
export const oru = (person: Person, { filler = 'F1', value = '6.3', minute = 5 } = {}): string =>
  [
    msh('ORU^R01', minute),
    pid(person),
    `OBR|1|P${filler}|${filler}|24323-8^Metabolic panel^LN|||${stamp(minute)}|||||||||||||||${stamp(minute)}||LAB|F`,
    `OBX|1|NM|2345-7^Glucose^LN||${value}|mmol/L|||||F|||${stamp(minute)}`,
    '',
  ].join('\r');

type Numbered = Pick<Person, 'number' | 'authority'>;

/** A visit. */
export const pv1 = (visit: string): string => `PV1|1|I|WARD^1^A${'|'.repeat(16)}${visit}`;

/** A40 and its like: `stays` in PID, `goes` in MRG. `visit`: PV1-19 and MRG-5, now and before. */
export const merge = (
  event: string,
  stays: Person,
  goes: Numbered,
  { minute = 10, account = '', visit = [] as readonly string[] } = {},
): string =>
  [
    msh(`ADT^${event}`, minute),
    `EVN||${stamp(minute)}`,
    pid(stays),
    `MRG|${cx(goes)}||${account}||${visit[1] ?? ''}`,
    ...(visit[0] === undefined ? [] : [pv1(visit[0])]),
    '',
  ].join('\r');

/** A24 and A37. */
export const between = (event: string, one: Person, other: Person, { minute = 10 } = {}): string =>
  [msh(`ADT^${event}`, minute), `EVN||${stamp(minute)}`, pid(one), pid(other), ''].join('\r');
