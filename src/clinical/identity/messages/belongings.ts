import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import type { IdentityPair } from '../../mapping/index.ts';
import { belongingsOf, type Json, reviseResources } from '../../record/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import type { Persons } from '../persons.ts';
import type { Decision, IdentityChange } from '../types.ts';

interface Work {
  readonly persons: Persons;
  readonly decision: Decision;
  readonly keyring?: Keyring;
}

/**
 * The account or visit that an event names goes to the patient of PID-3, with all that refers to it (A44, A45, and merges and new numbers that name
 * another patient), and bears its new number beside the one of before. One that nobody has spoken of is no change: what comes for it says whose it is.
 */
export async function carryOutBelongings(
  transaction: Transaction,
  { patients: [to], account, visit }: IdentityPair,
  { persons, decision, keyring }: Work,
): Promise<IdentityChange[]> {
  const changes: IdentityChange[] = [];
  for (const renumbered of [account, visit]) {
    if (!renumbered || !to) continue;
    const { type, id, now, before } = renumbered;
    if (!(await belongingsOf(transaction, { type, id }))) continue;
    changes.push(await moveTo(transaction, { type, id, to }, { persons, decision }));
    if (now !== '' && before !== '' && now !== before)
      await reviseResources(transaction, [{ type, id }], {
        revise: (resource) => withNumber(resource, { now, before }),
        ...(keyring ? { keyring } : {}),
      });
  }
  return changes;
}

const moveTo = (
  transaction: Transaction,
  {
    type,
    id,
    to,
  }: { readonly type: 'Account' | 'Encounter'; readonly id: string; readonly to: SourcePatient },
  { persons, decision }: Work,
): Promise<IdentityChange> =>
  type === 'Account'
    ? persons.moveAccount(transaction, { account: id, to, decision })
    : persons.moveVisit(transaction, { encounter: id, to, decision });

interface Identifier {
  readonly value?: string;
  readonly [element: string]: unknown;
}

/** The number of before is an old one; the new one is of the same kind and system. */
function withNumber(
  resource: Json,
  { now, before }: { readonly now: string; readonly before: string },
): Json {
  const identifiers = (Array.isArray(resource.identifier) ? resource.identifier : []) as Identifier[];
  const former = identifiers.find(({ value }) => value === before);
  if (!former || identifiers.some(({ value }) => value === now)) return resource;
  const { id: _id, use: _use, ...rest } = former;
  return {
    ...resource,
    identifier: [
      { ...rest, value: now },
      ...identifiers.map((one) => (one === former ? { ...one, use: 'old' } : one)),
    ],
  };
}
