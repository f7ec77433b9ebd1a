import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mapMessage } from '../../src/clinical/mapping/index.ts';
import {
  applyWrites,
  migrations,
  previewWrites,
  type RecordWrite,
  recordReader,
} from '../../src/clinical/record/index.ts';
import { createValidator } from '../../src/standards/fhir-validation/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { evn, line, message, msh, options, pid } from './messages.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

let counter = 0;
/** A patient of their own, so that the tests share no record. */
function stay() {
  const patient = pid.replace('MRN-1001', `MRN-S${counter++}`);
  const visit = `V-S${counter}`;
  const written: RecordWrite[][] = [];
  return {
    written,
    /** An event of this stay at a minute, with what it lists. */
    say(event: string, minute: number, ...lines: string[]) {
      const time = `2026030310${String(minute).padStart(2, '0')}00`;
      const pv1 = line('PV1', { 1: '1', 2: 'I', 3: 'WARD^1^A', 19: visit });
      const parsed = message(msh(`ADT^${event}`, time), evn(event), patient, pv1, ...lines);
      const { writes } = mapMessage(parsed, { ...options, receivedAt: new Date('2026-03-04T00:00:00Z') });
      written.push([...writes]);
      return [...writes];
    },
  };
}

const file = (writes: readonly RecordWrite[]) =>
  db.database.transaction((transaction) => applyWrites(transaction, writes));

/** What stands of everything that was written, without what differs by the order of arrival. */
async function standing(written: readonly RecordWrite[][]): Promise<Record<string, unknown>[]> {
  const reader = recordReader(db.database, { scope: { kind: 'everything' } });
  const names = new Set(written.flat().map(({ type, id }) => `${type} ${id}`));
  const found = await Promise.all(
    [...names].sort().map(async (name) => {
      const [type = '', id = ''] = name.split(' ');
      const { meta: _meta, ...content } = JSON.parse((await reader.read(type, id))?.json ?? '{}');
      return content as Record<string, unknown>;
    }),
  );
  return found;
}
const texts = (resources: readonly Record<string, unknown>[], type: string) =>
  resources
    .filter(({ resourceType }) => resourceType === type)
    .map(({ code, clinicalStatus, status, active, name }) =>
      JSON.stringify([code ?? name, clinicalStatus ?? status ?? active]),
    )
    .sort();

describe('ADT into the record', () => {
  const a01 = [
    'AL1|1|DA|P^Penicillin^L',
    'AL1|2|FA|N^Nuts^L',
    'DG1|1||I10^x^I10C||20260301|A',
    'NK1|1|Okafor^Ben|SPO',
  ];
  const a08 = ['AL1|1|DA|P^Penicillin^L', 'DG1|1||J45^y^I10C||20260301|F', 'NK1|1|Okafor^Cara|SIS'];

  test('[M53] what a newer message lists no more is ended; an absent group changes nothing', async () => {
    const { say, written } = stay();
    await file(say('A01', 0, ...a01));
    await file(say('A08', 10, ...a08));
    await file(say('A08', 20));
    const resources = await standing(written);
    expect(
      texts(resources, 'AllergyIntolerance').map((text) => /"(active|inactive)"/.exec(text)?.[1]),
    ).toEqual(['inactive', 'active']);
    expect(texts(resources, 'RelatedPerson')).toEqual([
      expect.stringContaining('false'),
      expect.stringContaining('true'),
    ]);
    const [visit] = resources.filter(({ resourceType }) => resourceType === 'Encounter');
    expect(visit?.diagnosis).toHaveLength(1);
    const [patient] = resources.filter(({ resourceType }) => resourceType === 'Patient');
    expect(patient?.contact).toMatchObject([{ name: { given: ['Cara'] } }]);
  });

  test('[M53] late and repeated messages leave what the newest says, in every order', async () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
      [2, 0, 1, 0, 2],
    ];
    const outcomes: string[] = [];
    for (const order of orders) {
      const { say, written } = stay();
      const messages = [say('A01', 0, ...a01), say('A08', 10, ...a08), say('A03', 30, 'AL1|1|FA|N^Nuts^L')];
      for (const index of order) await file(messages[index] ?? []);
      const resources = await standing(written);
      const told = ['AllergyIntolerance', 'Condition', 'RelatedPerson', 'Encounter'].map((type) =>
        texts(resources, type),
      );
      outcomes.push(JSON.stringify(told));
    }
    expect(new Set(outcomes).size).toBe(1);
    expect(outcomes[0]).toContain('finished');
  });

  test('[M53] what comes of an admission is valid FHIR', () => {
    const { say } = stay();
    const writes = say(
      'A01',
      0,
      ...a01,
      'IAM|1|DA|Q^Quinine^L|SV||A|77^G||||20200101||||||I',
      'PR1|1||47.01^x^I9C||202603031000||30|11^N^J',
      'GT1|1||Okafor^Ben||12 Elm St||||||SPO',
      line('IN1', { 1: '1', 2: 'PPO', 3: '77', 4: 'Acme', 16: 'Okafor^Ben', 17: 'SPO', 36: 'P-1' }),
      'OBX|1|NM|8302-2^Height^LN||172|cm^^UCUM|||||F',
    );
    const validator = createValidator();
    const errors = previewWrites(writes).flatMap((resource) =>
      validator.validate(resource).filter(({ severity }) => severity === 'error'),
    );
    expect(errors).toEqual([]);
  });
});
