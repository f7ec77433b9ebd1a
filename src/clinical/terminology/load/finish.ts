import type { Database, Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { type LoadRow, statements } from '../sql.ts';
import { countOf, groupsOf } from './check.ts';
import type { LoadedTarget, TerminologyLoadOptions } from './options.ts';
import { type StubOf, writeStub } from './stub.ts';
import type { Reading, Target } from './types.ts';

interface Finishing {
  readonly database: Database;
  readonly options: TerminologyLoadOptions;
  readonly reading: Reading;
  readonly loads: readonly number[];
}

type Prepared = {
  readonly load: number;
  readonly target: Target;
  readonly count: number;
  readonly header: Target['header'];
};

/** One transaction makes all that was loaded visible, takes the place of the same version loaded before, and writes the resources that stand for it. */
export async function finish({ database, options, reading, loads }: Finishing): Promise<LoadedTarget[]> {
  const prepared: Prepared[] = [];
  for (const [index, target] of reading.targets.entries()) {
    const load = loads[index];
    if (load !== undefined) prepared.push(await prepare(database, load, target));
  }
  const loaded = prepared.map(({ target: { kind, url, version }, count }) => ({ kind, url, version, count }));
  await database.transaction(async (transaction) => {
    await transaction.query(statements.lock);
    for (const one of prepared) await makeReady(transaction, one, options);
    await options.alongside?.(transaction, loaded);
  });
  return loaded;
}

async function prepare(database: Database, load: number, target: Target): Promise<Prepared> {
  if (target.kind === 'code-system') {
    const count = await countOf(database, statements.countConcepts, load);
    const declared = new Set(target.header.properties.map(({ code }) => code));
    const names = await database.query<{ name: string }>(statements.propertyNames, [load]);
    const others = names.filter(({ name }) => !declared.has(name)).map(({ name: code }) => ({ code }));
    const properties = [...target.header.properties, ...others];
    return { load, target, count, header: { ...target.header, properties, count } };
  }
  const count = await countOf(database, statements.countMapRows, load);
  const groups = (await groupsOf({ database, load, target })) ?? [];
  return { load, target, count, header: { ...target.header, groups } };
}

async function makeReady(
  transaction: Transaction,
  { load, target, count, header }: Prepared,
  { keyring, keepCurrent = false, clock }: TerminologyLoadOptions,
): Promise<void> {
  const { kind, url, version } = target;
  const before = await transaction.query<LoadRow>(statements.latestReady, [kind, url]);
  const [replaced] = await transaction
    .query(statements.find, [kind, url, version])
    .then((rows) => (rows as LoadRow[]).filter((row) => row.state === 'ready'));
  await transaction.query(statements.retireVersion, [kind, url, version]);
  const isCurrent = !keepCurrent || before.length === 0 || replaced?.is_current === true;
  if (isCurrent) await transaction.query(statements.unsetCurrent, [kind, url]);
  const id = await writeStub(transaction, { ...target, header, count } as StubOf, keyring);
  const rows = await transaction.query(statements.setReady, [
    ...[load, isCurrent, JSON.stringify(header), count, id],
    clock.now(),
  ]);
  if (rows.length === 0)
    throw new IsthmusError('CONFLICT', {
      place: `${url}|${version}`,
      rule: 'the load was removed meanwhile',
    });
}
