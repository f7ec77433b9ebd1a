import type { Features } from '../features/types.ts';
import type { Field } from '../model/types.ts';

/** A way of finding pairs that are likely enough one person to learn from. What it holds equal says nothing and is left out. */
export interface Pass {
  readonly key: (features: Features) => string | undefined;
  readonly holds: readonly Field[];
}

export type PassName = 'birthDate' | 'name' | 'address' | 'phone' | 'ssn' | 'email' | 'identifier';

export const PASSES: Readonly<Record<PassName, Pass>> = {
  birthDate: {
    key: ({ birthDate }) => (birthDate?.length === 10 ? birthDate : undefined),
    holds: ['birthDate'],
  },
  name: {
    key: ({ given, family }) =>
      given[0] !== undefined && family[0] !== undefined ? `${given[0].text} ${family[0].text}` : undefined,
    holds: ['given', 'family'],
  },
  address: {
    key: ({ addresses: [home] }) =>
      home?.number !== undefined && home.street !== undefined
        ? `${home.number} ${home.street} ${home.postal ?? home.city ?? ''}`
        : undefined,
    holds: ['address', 'place'],
  },
  phone: { key: ({ phones }) => phones[0], holds: ['phone'] },
  ssn: { key: ({ identifiers }) => identifiers.find(({ kind }) => kind === 'ssn')?.value, holds: ['ssn'] },
  email: { key: ({ emails }) => emails[0], holds: ['email'] },
  identifier: {
    key: ({ identifiers }) => {
      const one = identifiers.find(({ kind, system }) => system !== '' && kind !== 'ssn' && kind !== 'ssn4');
      return one && `${one.system} ${one.value}`;
    },
    holds: ['identifier', 'insurance'],
  },
};

/** Pairs of one block, at most so many in all; a block too large to be about one person is left out. */
export function pairsOf(
  records: readonly Features[],
  pass: Pass,
  limits: { block: number; pairs: number },
): [Features, Features][] {
  const blocks = new Map<string, Features[]>();
  for (const record of records) {
    const key = pass.key(record);
    if (key === undefined) continue;
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, [record]);
    else block.push(record);
  }
  const pairs: [Features, Features][] = [];
  for (const block of blocks.values()) {
    if (block.length > limits.block) continue;
    for (const [at, a] of block.entries()) {
      for (const b of block.slice(at + 1)) {
        if (pairs.length >= limits.pairs) return pairs;
        pairs.push([a, b]);
      }
    }
  }
  return pairs;
}
