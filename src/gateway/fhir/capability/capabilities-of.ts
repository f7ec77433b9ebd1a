import type { Capability, Interaction } from '../interaction.ts';

/** What the table says of one level, in its order. */
export const capabilitiesOf = (
  interactions: readonly Interaction[],
  level: Capability['level'],
): Capability[] =>
  interactions
    .flatMap(({ capability }) => capability ?? [])
    .filter((capability: Capability) => capability.level === level);
