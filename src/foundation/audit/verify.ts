import type { Database } from '../database/index.ts';
import {
  type EntryRow,
  GENESIS,
  hashOf,
  headOf,
  MAX_ENTRIES,
  type SealedHead,
  type SealRow,
} from './chain.ts';
import * as statements from './sql.ts';

export type AuditVerdict = IntactAudit | BrokenAudit;

interface IntactAudit {
  readonly intact: true;
  readonly head: SealedHead;
  /** How many entries the seals cover. */
  readonly entries: number;
  /** How many came after the last seal: nothing would show that one of them was changed or removed. */
  readonly unsealed: number;
}

export interface BrokenAudit {
  readonly intact: false;
  /** The first seal that does not fit; what lies before it is intact. */
  readonly seal: number;
  readonly finding: AuditFinding;
  readonly rule: string;
  /** The entries in question were recorded after this one; 0 for the first. */
  readonly afterEntry: number;
  /** The last entry under the seal and when it was sealed, while the seal itself is there. */
  readonly lastEntry?: number;
  readonly sealedAt?: Date;
}

/** `replaced`: the whole chain is another one than that whose head was kept. */
type AuditFinding = 'altered' | 'removed' | 'added' | 'cut off' | 'replaced';

type Mistake = Pick<BrokenAudit, 'finding' | 'rule'>;

interface StoredSeal extends SealRow {
  readonly sealed_at: Date;
}

const SEALS_AT_ONCE = 100;

/**
 * Computes the chain again from the entries. Finds entries that were changed, removed or added under a seal, seals that were changed, and,
 * given the head that was kept outside (`readAnchor`), a tail that was cut off or a chain that was made anew. The anchor is to be read first: it
 * moves on while an engine runs.
 */
export async function verifyAudit(database: Database, anchor?: SealedHead): Promise<AuditVerdict> {
  let previous: SealRow = GENESIS;
  let entries = 0;
  for (;;) {
    const seals = await database.query<StoredSeal>(statements.seals, [previous.number, SEALS_AT_ONCE]);
    for (const seal of seals) {
      const mistake = (await mistakeIn(database, previous, seal)) ?? mistakeAgainst(anchor, seal);
      if (mistake) return broken(previous, mistake, seal);
      entries += seal.entries;
      previous = seal;
    }
    if (seals.length < SEALS_AT_ONCE) break;
  }
  if (anchor && previous.number < anchor.number) {
    const rule = `the chain ends here, and its head was seal ${anchor.number}`;
    return broken(previous, { finding: 'cut off', rule });
  }
  const place = [previous.transaction_id, previous.last_id];
  const [after] = await database.query<{ entries: number }>(statements.countAfter, place);
  return { intact: true, head: headOf(previous), entries, unsealed: after?.entries ?? 0 };
}

function broken(previous: SealRow, mistake: Mistake, seal?: StoredSeal): BrokenAudit {
  const there = seal?.number === previous.number + 1 ? seal : undefined;
  return {
    intact: false,
    seal: previous.number + 1,
    ...mistake,
    afterEntry: previous.last_id,
    ...(there ? { lastEntry: there.last_id, sealedAt: there.sealed_at } : {}),
  };
}

async function mistakeIn(database: Database, previous: SealRow, seal: SealRow): Promise<Mistake | undefined> {
  if (seal.number !== previous.number + 1) return { finding: 'removed', rule: 'the seal is missing' };
  if (!seal.previous_hash.equals(previous.hash))
    return { finding: 'altered', rule: 'the seal does not follow from the one before' };
  const range = [
    previous.transaction_id,
    previous.last_id,
    seal.transaction_id,
    seal.last_id,
    MAX_ENTRIES + 1,
  ];
  const rows = await database.query<EntryRow>(statements.sealedBy, range);
  const covers = `the seal covers ${seal.entries} entries and there are`;
  if (rows.length < seal.entries) return { finding: 'removed', rule: `${covers} ${rows.length}` };
  if (rows.length > MAX_ENTRIES) return { finding: 'added', rule: `${covers} more than ${MAX_ENTRIES}` };
  if (rows.length > seal.entries) return { finding: 'added', rule: `${covers} ${rows.length}` };
  if (hashOf(seal.number, previous.hash, rows).equals(seal.hash)) return undefined;
  return { finding: 'altered', rule: 'an entry under the seal, or the seal itself, was changed' };
}

function mistakeAgainst(anchor: SealedHead | undefined, seal: SealRow): Mistake | undefined {
  if (seal.number !== anchor?.number || headOf(seal).hash === anchor.hash) return undefined;
  return { finding: 'replaced', rule: 'the seal is not the one that was kept outside the database' };
}
