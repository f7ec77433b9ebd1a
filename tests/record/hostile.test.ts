import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeVisit } from '../../src/care/visits/index.ts';
import { mapToRecord } from '../../src/clinical/mapping/index.ts';
import {
  applyWrites,
  migrations,
  newResourceId,
  type RecordWrite,
  recordReader,
  writeResources,
} from '../../src/clinical/record/index.ts';
import { message, msh, options } from '../mapping/messages.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { observation } from './fixtures.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

const write = (writes: readonly RecordWrite[]) =>
  db.database.transaction((transaction) => applyWrites(transaction, writes));

/** Beside a hostile write, an innocent one must be written, too. */
async function survives(writes: readonly RecordWrite[], key: string): Promise<void> {
  const innocent = observation(key);
  await write([...writes, innocent]);
  const reader = recordReader(db.database, { scope: { kind: 'everything' } });
  expect(await reader.read('Observation', innocent.id)).toBeDefined();
}

const hostile = fc.oneof(
  fc.constantFrom(
    '\0',
    '\ud800',
    'x'.repeat(5000),
    'ü'.repeat(3000),
    '""',
    '|',
    '\\',
    '\u001f',
    '9999-12-31',
    '0001-01-01T00:00:00+14:00',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

test('[R14] no text of a resource makes its batch fail', async () => {
  let n = 0;
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, async (one, two, three) => {
      const key = `hostile-${n++}`;
      const set = {
        identifier: [{ system: one, value: two }],
        code: { coding: [{ system: two, code: three, display: one }], text: three },
        encounter: { reference: three },
        effectiveDateTime: one,
        valueString: two,
      };
      const write = observation(`${key}${one}`, { set, patient: { authority: two, identifier: three } });
      await survives([write], `${key}-innocent`);
    }),
    { numRuns: 100 },
  );
});

test('[R14] no message makes its batch fail', async () => {
  const field = fc.oneof(
    fc.constantFrom(
      '',
      '""',
      'x'.repeat(6000),
      '\\X00\\',
      '99991231',
      '00000101',
      '00000101000000',
      '1^2^3^4^5',
      '\ud83d',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\r\n\0]/g, '')),
  );
  const segment = (name: string) =>
    fc.array(field, { maxLength: 26 }).map((fields) => [name, ...fields].join('|'));
  const names = ['PV1', 'OBR', 'OBX', 'SCH', 'AIS', 'AIP', 'NTE', 'ORC'];
  const body = fc.tuple(segment('PID'), fc.array(fc.constantFrom(...names).chain(segment), { maxLength: 6 }));
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('ADT^A01', 'ORU^R01', 'SIU^S12'),
      fc.constantFrom('', 'x', '20260303', '20260303104500', '00000101000000', '99991231235959'),
      body,
      async (type, time, [pid, lines]) => {
        const parsed = message(msh(type, time), pid, ...lines);
        await survives(mapToRecord(parsed, options), `message-${n++}`);
      },
    ),
    { numRuns: 150 },
  );
});

test('[R14] no visit report makes its batch fail: it is refused or written', async () => {
  let n = 0;
  const report = (text: string) => ({
    patient: { identifier: text, authority: '1.2.3', family: text },
    encounter: { identifier: text },
    start: '2026-03-10T18:00:00Z',
    end: '2026-03-10T18:25:00Z',
    placeOfService: '02',
    performer: { npi: '1234567893', family: text },
    note: { text },
    diagnoses: [{ code: 'I10' }],
  });
  const parties = {
    sender: { application: 'A', facility: 'B' },
    receiver: { application: 'C', facility: 'D' },
  };
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const context = {
        system: 'televisit',
        idempotencyKey: 'k',
        receivedAt: new Date(0),
        zone: 'UTC',
        ...parties,
      };
      let writes: readonly RecordWrite[] = [];
      try {
        writes = closeVisit(report(text), context).writes;
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_RESOURCE' });
      }
      await survives(writes, `visit-${n++}`);
    }),
    { numRuns: 60 },
  );
});

test('[R14] no whole resource makes its batch fail', async () => {
  const texts = fc.oneof(
    hostile,
    fc.constantFrom('Patient/1', 'Patient/\0', '#a', 'http://x|1.0', 'urn:uuid:1', '1e999'),
  );
  const decimals = fc.constantFrom(
    '\0#1e400',
    '\0#7.00',
    1e300,
    -0,
    Number.MAX_VALUE,
    `\0#${'9'.repeat(900)}`,
  );
  const anything = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, texts, decimals, fc.boolean(), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(
      fc.constantFrom(
        'coding',
        'system',
        'code',
        'value',
        'reference',
        'start',
        'end',
        'identifier',
        'text',
        'unit',
        'type',
        'low',
      ),
      tie('value'),
      { maxKeys: 4 },
    ),
  })).value;
  const elements = fc.dictionary(
    fc.constantFrom(
      ...[
        'status',
        'code',
        'category',
        'subject',
        'performer',
        'identifier',
        'valueQuantity',
        'valueCodeableConcept',
      ],
      ...[
        'effectiveDateTime',
        'effectivePeriod',
        'effectiveTiming',
        'component',
        'meta',
        'encounter',
        'hasMember',
        'name',
      ],
    ),
    anything,
    { maxKeys: 8 },
  );
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('Observation', 'Patient', 'Group', 'Basic'),
      elements,
      async (type, parts) => {
        const innocent = observation(`whole-${n++}`);
        const resource = { ...parts, resourceType: type, id: newResourceId() };
        await db.database.transaction(async (transaction) => {
          const options = { origin: { system: 'api' }, scope: { kind: 'everything' } } as const;
          const writes = [
            { op: 'create', method: 'POST', resource },
            { op: 'update', method: 'PUT', resource: { ...resource, language: 'en' } },
          ] as const;
          const outcomes = await writeResources(transaction, writes, options);
          expect(outcomes.map(({ kind }) => kind)).toEqual(['created', 'updated']);
          await applyWrites(transaction, [innocent]);
        });
      },
    ),
    { numRuns: 150 },
  );
});
