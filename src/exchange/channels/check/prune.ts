import type { z } from 'zod';
import type { Config } from '../authoring/index.ts';
import { configShape } from './shape.ts';
import type { Report } from './types.ts';

type Path = readonly PropertyKey[];

/**
 * So that a configuration with ten mistakes lists ten: what is out of form is reported and taken out, and the rest is judged as if
 * it had not been there. Places are those of the original.
 */
export interface Judgeable {
  readonly config: Config;
  /** `channels.adt.to[1]` of any object in it. */
  placeOf(part: object): string;
}

const maxRounds = 40;

export function judgeable(original: unknown, report: Report): Judgeable | undefined {
  const places = new WeakMap<object, string>();
  const holder: Holder = { root: copy(original, [], { places, original }) };
  for (let round = 0; round < maxRounds; round++) {
    const result = configShape.safeParse(holder.root);
    if (result.success) {
      // The parsed value is a fresh copy without places, so the pruned original is what is judged.
      return { config: holder.root as Config, placeOf: (part) => places.get(part) ?? 'configuration' };
    }
    if (round === 0) for (const issue of result.error.issues) reportIssue(issue, original, report);
    if (!removeAll(holder, result.error.issues)) return undefined;
  }
  return undefined;
}

interface Holder {
  root: unknown;
}

function isContainer(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

const maxDepth = 32;

function copy(
  value: unknown,
  path: Path,
  context: { places: WeakMap<object, string>; original: unknown },
): unknown {
  if (!isContainer(value) || path.length > maxDepth) return value;
  const result = Array.isArray(value)
    ? value.map((part: unknown, index) => copy(part, [...path, index], context))
    : Object.fromEntries(
        Object.entries(value).map(([name, part]) => [name, copy(part, [...path, name], context)]),
      );
  context.places.set(result, placeFor(path, context.original));
  return result;
}

const removed = Symbol('removed');

/** Takes out what the issues point at; false when that is everything. */
function removeAll(holder: Holder, issues: readonly z.core.$ZodIssue[]): boolean {
  const arrays = new Set<unknown[]>();
  for (const issue of issues) {
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of paths) if (!removeAt(holder.root, path, arrays)) return false;
  }
  for (const array of arrays) array.splice(0, array.length, ...array.filter((part) => part !== removed));
  return true;
}

/** Removes the value at a path or, when there is none (something required is missing), what should have had it. */
function removeAt(root: unknown, path: Path, arrays: Set<unknown[]>): boolean {
  for (let length = path.length; length > 0; length--) {
    const parent = path
      .slice(0, length - 1)
      .reduce<unknown>((here, part) => (isContainer(here) ? here[part] : undefined), root);
    const last = path[length - 1] ?? '';
    if (!isContainer(parent) || !Object.hasOwn(parent, last)) continue;
    if (Array.isArray(parent)) {
      parent[Number(last)] = removed;
      arrays.add(parent);
    } else delete parent[last];
    return true;
  }
  return false;
}

function reportIssue(issue: z.core.$ZodIssue, original: unknown, report: Report): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report(placeFor([...issue.path, key], original), 'no such option');
    return;
  }
  report(placeFor(issue.path, original), issue.message);
}

/** `channels.adt.to[1].order`: a channel by its name where it has one, so that people find it. */
export function placeFor(path: Path, original?: unknown): string {
  let text = '';
  for (const [index, part] of path.entries()) {
    if (typeof part !== 'number') text += text === '' ? String(part) : `.${String(part)}`;
    else text += index === 1 && path[0] === 'channels' ? channelPart(original, part) : `[${part}]`;
  }
  return text === '' ? 'configuration' : text;
}

function channelPart(original: unknown, index: number): string {
  const channels = isContainer(original) ? original.channels : undefined;
  const found: unknown = Array.isArray(channels) ? channels[index] : undefined;
  const name = isContainer(found) ? found.name : undefined;
  return typeof name === 'string' && name !== '' ? `.${name}` : `[${index}]`;
}
