import { entriesOf } from '../compose/enumerate.ts';
import { membersOf } from '../compose/membership.ts';
import { composeOf } from '../compose/model.ts';
import { or } from '../compose/verdict.ts';
import { TerminologyError } from '../errors.ts';
import { type Ask, Context } from './context.ts';
import { systemsOf } from './infer.ts';
import { unknownCode, unknownSystem, unknownValueSet } from './messages.ts';

interface Wanted extends Pick<Ask, 'source' | 'signal'> {
  /** With more codes it is too costly. */
  readonly limit: number;
}

interface Code {
  readonly system: string;
  readonly code: string;
}

/** All codes of a value set, inactive ones too, as what was recorded may have them. Throws TerminologyError. */
export async function codesIn(canonical: string, { limit, ...ask }: Wanted): Promise<readonly Code[]> {
  const context = new Context({ ...ask, inputs: [] });
  const definition = await context.valueSet(canonical);
  if (!definition) throw new TerminologyError('not-found', unknownValueSet(canonical));
  const found: Code[] = [];
  for await (const { system, concept } of entriesOf(composeOf(definition), {
    context,
    isActiveOnly: false,
  })) {
    if (found.length >= limit) throw tooMany(limit);
    found.push({ system, code: concept.code });
  }
  return found;
}

/**
 * Whether a coded value is in a value set: one of its codings, or a code whose system the value set tells. Undefined where it cannot be told, because
 * something is missing.
 */
export async function isCoded(
  canonical: string,
  codings: readonly { readonly system?: string; readonly version?: string; readonly code: string }[],
  ask: Pick<Ask, 'source' | 'signal'>,
): Promise<boolean | undefined> {
  const context = new Context({ ...ask, inputs: [] });
  const definition = await context.valueSet(canonical);
  if (!definition) return undefined;
  const compose = composeOf(definition);
  const systems = [...(await systemsOf(compose, context))];
  const members = codings.flatMap(({ system, version, code }) =>
    (system === undefined ? systems : [system]).map((one) => ({
      system: one,
      ...(version ? { version } : {}),
      code,
    })),
  );
  return or(await membersOf(compose, members, { context }));
}

/** A code with all that it is (`above`), or with all that are it (`below`). Throws TerminologyError. */
export async function codesAround(
  { system, code }: Code,
  direction: 'above' | 'below',
  { limit, ...ask }: Wanted,
): Promise<readonly Code[]> {
  const context = new Context({ ...ask, inputs: [] });
  const { view, known } = await context.codeSystem(system);
  if (!view || view.content === 'not-present')
    throw new TerminologyError('not-found', unknownSystem({ url: system, known }, 'code'));
  const concept = (await view.find([code])).get(code);
  if (!concept) throw new TerminologyError('not-found', unknownCode(code, system, view.version));
  const op = direction === 'above' ? 'generalizes' : 'is-a';
  const found = await view.select([{ property: 'concept', op, value: concept.code }], { limit: limit + 1 });
  if (found.length > limit) throw tooMany(limit);
  return found.map((one) => ({ system, code: one.code }));
}

const tooMany = (limit: number): TerminologyError =>
  new TerminologyError('too-costly', `There are more than ${limit} codes`);
