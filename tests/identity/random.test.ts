import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type NamedSql,
  type SqlParameter,
  sql,
  type Transaction,
} from '../../src/foundation/database/index.ts';
import { runRandom } from './random.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

const RUN = { seed: 1, steps: 120 };

test('[ID3] [ID4] [ID14] random decisions and messages: what is seen is what was decided, and undone as if nothing had been', async () => {
  const told = await runRandom({ world, name: 'sound', ...RUN });
  for (const kind of ['patient', 'observation', 'link', 'merge', 'unlink', 'move', 'undo'])
    expect(told.get(kind), kind).toBeGreaterThan(0);
}, 60_000);

/** A transaction in which something else happens instead of, or after, the statement of this name. */
const altered =
  (name: string, alter: (transaction: Transaction, run: () => Promise<object[]>) => Promise<object[]>) =>
  (transaction: Transaction): Transaction => ({
    client: transaction.client,
    query: (<Row extends object>(statement: NamedSql, parameters?: readonly SqlParameter[]) => {
      const run = () => transaction.query<Row>(statement, parameters);
      return statement.name === name ? alter(transaction, run) : run();
    }) as Transaction['query'],
  });

const after = (name: string, text: string) =>
  altered(name, async (transaction, run) => {
    const rows = await run();
    await transaction.query(sql('test.sabotage', text, { prepare: false }));
    return rows;
  });

const PUBLISHED = `FROM resource r WHERE r.id = d.source_patient_id AND r.type = 'Patient' AND r.source_system = 'urn:isthmus:identity'`;

const broken: [string, (transaction: Transaction) => Transaction][] = [
  [
    'an unmerge that leaves references',
    after(
      'identity.tell-moved',
      `UPDATE resource r SET content = convert_to(replace(convert_from(r.content, 'UTF8'), r.source_patient_id, l.person_id), 'UTF8')
         FROM person_link l WHERE l.source_patient_id = r.source_patient_id AND r.type = 'Observation' AND l.person_id <> r.source_patient_id`,
    ),
  ],
  [
    'an unmerge that leaves resources',
    after(
      'identity.tell-moved',
      `UPDATE resource r SET source_patient_id = l.person_id
         FROM person_link l WHERE l.source_patient_id = r.source_patient_id AND r.type = 'Observation' AND l.person_id <> r.source_patient_id`,
    ),
  ],
  [
    'a statement that is baked into the survivor',
    after('identity.tell-moved', `UPDATE source_demographics d SET content = r.content ${PUBLISHED}`),
  ],
  ['moves of which followers do not hear', altered('identity.tell-moved', async () => [{ told: 0 }])],
  ['a person that is not published anew', altered('record.update-current', async () => [])],
  ['statements that are not kept', altered('record.keep-statements', async () => [])],
];

test.each(broken)('the judge catches %s', async (name, sabotage) => {
  await expect(runRandom({ world, name, ...RUN, sabotage })).rejects.toThrow();
});
