import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { publishStatements } from '../persons/publish.ts';
import { type Kept, keepPassed, keepStatements } from '../persons/statements.ts';
import type { Change, Json, Validate } from '../types.ts';
import { type Progress, timesText } from './batch.ts';
import { invalidityOf } from './invalidity.ts';
import { keyOf } from './version.ts';

interface Apart {
  /** Patients of the batch whose statements are kept apart. */
  readonly apart: readonly Progress[];
  /** What came of each write; those of these Patients are completed here. */
  readonly changes: Change[];
  readonly options: Options;
}

interface Options {
  readonly keyring?: Keyring;
  readonly validate?: Validate;
}

/** Keeps what sources now say of Patients that are published from more than that, and publishes these anew. */
export async function flushApart(
  transaction: Transaction,
  { apart, changes, options }: Apart,
): Promise<void> {
  const { keyring } = options;
  const touched = apart.filter(({ made, confirmed }) => made.length > 0 || confirmed);
  await keepStatements(
    transaction,
    touched.flatMap((progress) => keptOf(progress, options)),
    keyring,
  );
  await keepPassed(
    transaction,
    touched.flatMap(({ made }) => made.slice(0, -1)),
    keyring,
  );
  const sources = touched.flatMap(({ published }) => published?.id ?? []);
  const messages = new Map(
    touched.flatMap(({ published, made }) => {
      const messageId = made.at(-1)?.messageId;
      return published && messageId ? [[published.id, messageId] as const] : [];
    }),
  );
  const published = await publishStatements(transaction, sources, {
    ...(keyring ? { keyring } : {}),
    messages,
  });
  for (const progress of apart) complete(changes, progress, published);
}

function keptOf({ now, standing, profiles }: Progress, { validate }: Options): Kept[] {
  if (!now || !standing) return [];
  const issues = invalidityOf(validate?.(standing.content as Json, [...profiles]));
  return [
    {
      version: { ...now, issues },
      eventTime: standing.eventTime,
      stated: standing.stated,
      elementTimes: timesText(standing),
    },
  ];
}

function complete(changes: Change[], { published: row }: Progress, published: readonly Change[]): void {
  if (!row) return;
  const own = published.filter(({ id }) => id === row.id || id === row.person_id);
  const version = own.find(({ id }) => id === row.id)?.version ?? row.version;
  const key = keyOf(row);
  const last = changes.findLastIndex((change) => keyOf(change) === key);
  changes.forEach((change, index) => {
    if (keyOf(change) !== key) return;
    changes[index] = { ...change, version, published: index === last ? own : [] };
  });
}
