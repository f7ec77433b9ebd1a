import type { Cause } from '../compose/membership.ts';
import { canonicalOf } from '../node.ts';
import type { PlaceOf } from './check-concept.ts';
import type { Context } from './context.ts';
import type { CodingInput } from './inputs.ts';
import {
  type Issue,
  onlyAPart,
  relativeSystem,
  systemIsValueSet,
  unknownSystem,
  unknownValueSet,
  withheldCodes,
} from './messages.ts';

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;

export type Make = (issue: Issue, element?: 'code' | 'system') => Issue;

export const issueMaker =
  (placeOf: PlaceOf): Make =>
  (issue, element) => {
    const place = placeOf(element);
    return place === undefined ? issue : { ...issue, place };
  };

/** Why it is not known whether a code is in a value set. */
export function causeIssues(
  cause: Cause,
  before: readonly Issue[],
  { error, neededSystems }: { readonly error: Make; readonly neededSystems: string[] },
): readonly Issue[] {
  const base = { severity: 'error', type: 'not-found', detail: 'not-found' } as const;
  if (cause.kind === 'value-set') return [{ ...base, ...unknownValueSet(cause.canonical) }];
  if (cause.kind === 'withheld')
    return [error({ ...base, ...withheldCodes(cause.url, cause.valueSet) }, 'system')];
  if (cause.kind === 'part') return [error({ ...base, ...onlyAPart(cause.url) }, 'code')];
  const { url, wanted: version, known } = cause.resolved;
  const canonical = canonicalOf(url, version);
  if (!neededSystems.includes(canonical)) neededSystems.push(canonical);
  const issue = error({ ...base, ...unknownSystem({ url, version, known }, 'code') }, 'system');
  return before.some(({ text }) => text === issue.text) ? [] : [issue];
}

/** That a code system is not there, and what else is wrong with its name. */
export async function unknownIssues(
  { system, version }: CodingInput & { readonly system: string },
  known: readonly string[],
  { context, error }: { readonly context: Context; readonly error: Make },
): Promise<readonly Issue[]> {
  const base = { severity: 'error', type: 'invalid', detail: 'invalid-data' } as const;
  if (await context.valueSet(system)) return [error({ ...base, ...systemIsValueSet(system) }, 'system')];
  const unknownOne = unknownSystem({ url: system, version, known }, 'code');
  const missing = error(
    { severity: 'error', type: 'not-found', detail: 'not-found', ...unknownOne },
    'system',
  );
  if (ABSOLUTE.test(system)) return [missing];
  const relative = error({ ...base, ...relativeSystem('Coding.system') }, 'system');
  return [relative, missing];
}
