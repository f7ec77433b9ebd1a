import { type Compose, composeOf, type Include } from '../compose/model.ts';
import { canonicalOf } from '../node.ts';
import { meetsVersion } from '../versions.ts';
import type { PlaceOf } from './check-concept.ts';
import type { Context, Resolved } from './context.ts';
import type { CodingInput } from './inputs.ts';
import {
  type Issue,
  unknownSystem,
  versionMismatch,
  versionMismatchChanged,
  versionMismatchDefault,
  versionNotAllowed,
} from './messages.ts';

/** What the versions of a coding, of the value set and of the parameters lead to. */
export interface Versions {
  /** The code system in the version that the answer is about. */
  readonly resolved: Resolved;
  /** The value set names the code system. */
  readonly isIncluded: boolean;
  readonly issues: readonly Issue[];
  /** `url|version` that is not there. */
  readonly missing: readonly string[];
}

const MAX_DEPTH = 20;

/**
 * Which version of its code system a coding is looked at in: of those that the value set's includes name, the one that is the coding's, else the first; where they name none,
 * the coding's own. Versions that do not go together are told.
 */
export async function versionsOf(
  coding: CodingInput & { readonly system: string },
  compose: Compose,
  { context, placeOf }: { readonly context: Context; readonly placeOf: PlaceOf },
): Promise<Versions> {
  const { system, version } = coding;
  const includes = await includesOf(system, compose, context);
  if (includes.length === 0) {
    const resolved = await context.codeSystem(system, version);
    return { resolved, isIncluded: false, issues: [], missing: [] };
  }
  const all = await Promise.all(
    includes.map(async (include) => ({
      include,
      resolved: await context.codeSystem(system, include.version),
    })),
  );
  const fitting = all.find(({ resolved }) => isFor(resolved, version)) ?? all[0];
  const { include, resolved } = fitting as (typeof all)[number];
  const own = version === undefined ? undefined : await context.codeSystemOf(system, version);
  const issues = [
    ...mismatches(coding, include, { resolved, own, placeOf }),
    ...unknowns(coding, { resolved, own, placeOf }),
  ];
  const used = await shown(resolved, own, context);
  const required = context.requiredVersion(system);
  const inForce = used.view?.version;
  if (required !== undefined && inForce !== undefined && !meetsVersion(required, inForce)) {
    const text = versionNotAllowed(inForce, system, required);
    issues.push(
      at('version', placeOf, { severity: 'error', type: 'exception', detail: 'version-error', ...text }),
    );
  }
  const missing = [resolved, ...(own && version !== undefined && !own.view ? [own] : [])]
    .filter((one) => !one.view)
    .map((one) => canonicalOf(system, one.wanted));
  return { resolved: used, isIncluded: true, issues, missing: [...new Set(missing)] };
}

/** The version that is shown: where that of the value set is not there, the coding's, else the one that is current. */
async function shown(resolved: Resolved, own: Resolved | undefined, context: Context): Promise<Resolved> {
  if (resolved.view && own?.view && isFor(resolved, own.view.version)) return own;
  if (resolved.view) return resolved;
  return own?.view ? own : context.codeSystem(resolved.url);
}

/** A version that is open, or the one that is meant. */
const isFor = ({ wanted, by }: Resolved, version: string | undefined): boolean =>
  version === undefined || by === 'none' || wanted === undefined || meetsVersion(wanted, version);

function mismatches(
  { system, version }: CodingInput & { readonly system: string },
  include: Include,
  {
    resolved,
    own,
    placeOf,
  }: { readonly resolved: Resolved; readonly own: Resolved | undefined; readonly placeOf: PlaceOf },
): Issue[] {
  const { view, wanted, by } = resolved;
  if (version === undefined) return [];
  if (by === 'none') {
    if (own?.view || view?.version === undefined) return [];
    const text = versionMismatchDefault(system, view.version, version);
    return [
      at('version', placeOf, {
        severity: 'warning',
        type: 'invalid',
        detail: 'vs-invalid',
        isAside: true,
        ...text,
      }),
    ];
  }
  if (wanted === undefined || meetsVersion(wanted, version)) return [];
  const text =
    by === 'given'
      ? versionMismatch(system, wanted, version)
      : versionMismatchChanged(system, wanted, include.version ?? '', version);
  return [at('version', placeOf, { severity: 'error', type: 'invalid', detail: 'vs-invalid', ...text })];
}

function unknowns(
  { system }: CodingInput & { readonly system: string },
  {
    resolved,
    own,
    placeOf,
  }: { readonly resolved: Resolved; readonly own: Resolved | undefined; readonly placeOf: PlaceOf },
): Issue[] {
  const lacking = new Map([resolved, own].flatMap((one) => (one && !one.view ? [[one.wanted, one]] : [])));
  return [...lacking].flatMap(([wanted, { known }]) => {
    if (wanted === undefined) return [];
    const text = unknownSystem({ url: system, version: wanted, known }, 'code');
    return [at('system', placeOf, { severity: 'error', type: 'not-found', detail: 'not-found', ...text })];
  });
}

function at(element: 'system' | 'version', placeOf: PlaceOf, issue: Issue): Issue {
  const place = placeOf(element);
  return place === undefined ? issue : { ...issue, place };
}

/** The includes of a code system, of the value set and of those that it is composed of. */
async function includesOf(system: string, compose: Compose, context: Context): Promise<readonly Include[]> {
  const found: Include[] = [];
  const seen = new Set<string>();
  let level: readonly Compose[] = [compose];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const next: Compose[] = [];
    for (const one of level) {
      for (const include of one.includes) {
        await context.step(true);
        if (include.system === system) found.push(include);
        for (const canonical of include.valueSets) {
          const contained = one.contained.get(canonical);
          const definition =
            contained ?? (seen.has(canonical) ? undefined : await context.valueSet(canonical));
          seen.add(canonical);
          if (definition) next.push(composeOf(definition));
        }
      }
    }
    level = next;
  }
  return found;
}
