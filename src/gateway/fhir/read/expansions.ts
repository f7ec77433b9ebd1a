import {
  type Expansion,
  type ExpansionAsked,
  expansionsAsked,
} from '../../../standards/fhir-search/index.ts';
import {
  codesAround,
  codesIn,
  TerminologyError,
  type TerminologySource,
} from '../../../standards/terminology/index.ts';
import type { Parameter, Services } from '../interaction.ts';

/** Codes that one value set or code may stand for: each is looked for. */
const MAX_CODES = 2_000;
const TIME_LIMIT_MS = 10_000;

/** What the search's `:in`, `:not-in`, `:above` and `:below` stand for. What cannot be told is refused where it is used, and only there. */
export async function expansionsOf(
  parameters: readonly Parameter[],
  { terminology, clock }: Pick<Services, 'terminology' | 'clock'>,
): Promise<ReadonlyMap<string, Expansion>> {
  const asked = expansionsAsked(parameters);
  if (asked.length === 0) return new Map();
  const limit = new AbortController();
  const timer = clock.after(TIME_LIMIT_MS, () => limit.abort());
  try {
    const source = await terminology();
    const found = new Map<string, Expansion>();
    for (const one of asked) found.set(one.key, await expansionOf(one, source, limit.signal));
    return found;
  } finally {
    timer.cancel();
  }
}

async function expansionOf(
  asked: ExpansionAsked,
  source: TerminologySource,
  signal: AbortSignal,
): Promise<Expansion> {
  const wanted = { source, signal, limit: MAX_CODES };
  try {
    if (asked.kind === 'value-set') return await codesIn(asked.canonical, wanted);
    const { system, code } = asked.token;
    if (typeof system !== 'string' || code === undefined) return { kind: 'invalid', rule: 'system|code' };
    return await codesAround({ system, code }, asked.kind, wanted);
  } catch (error) {
    if (error instanceof TerminologyError) return refusal(error, asked);
    throw error;
  }
}

/** Without what was asked for: a rule never has a value in it. */
function refusal({ type }: TerminologyError, { kind }: ExpansionAsked): Expansion {
  if (type === 'too-costly') return { kind: 'too-costly', rule: `at most ${MAX_CODES} codes, found in time` };
  const what =
    kind === 'value-set'
      ? 'a value set that is known with all it is composed of'
      : 'a code that is known, of a code system that is';
  return { kind: 'invalid', rule: what };
}
