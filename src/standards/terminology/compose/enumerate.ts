import { TerminologyError } from '../errors.ts';
import type { Context, Resolved } from '../operations/context.ts';
import {
  onlyAPart,
  unknownSystem,
  unknownValueSet,
  versionNotAllowed,
  withheldCodes,
} from '../operations/messages.ts';
import type { Concept } from '../types.ts';
import { meetsVersion } from '../versions.ts';
import { textPredicate } from '../views/words.ts';
import { type Cause, type Member, membersOf } from './membership.ts';
import { type Compose, composeOf, type Include, type Listed } from './model.ts';

/** A code of a value set, as its code system and, where it is listed, the value set describe it. */
export interface Entry {
  readonly system: string;
  readonly version?: string;
  readonly concept: Concept;
  readonly listed?: Listed;
  /** Parents may stand above it in the expansion; not so where the value set lists its codes. */
  readonly isNested: boolean;
}

export interface EnumerateOptions {
  readonly context: Context;
  readonly isActiveOnly: boolean;
  readonly text?: string;
}

/** Read at once: few for a page, more the longer it goes on, since each piece has the filters tried anew. */
const BATCH = 500;
const MAX_BATCH = 8_000;
const grown = (size: number): number => Math.min(size * 2, MAX_BATCH);
const MAX_DEPTH = 20;

/**
 * The codes of a value set, in the order of its includes and within them of the list or the code system, each once. Throws TerminologyError where something it is
 * composed of is not there: what is left out silently would be taken for excluded.
 */
export async function* entriesOf(
  compose: Compose,
  options: EnumerateOptions,
  within: readonly string[] = [],
): AsyncGenerator<Entry> {
  if (within.length >= MAX_DEPTH)
    throw new TerminologyError('too-costly', 'The value set is composed of too many levels of others');
  const seen = new Set<string>();
  const inner = { ...options, isActiveOnly: options.isActiveOnly || compose.isActiveOnly };
  for (const include of compose.includes) {
    for await (const batch of batchesOf(candidates(include, compose, inner, [...within, compose.canonical])))
      for (const entry of await remaining(batch, include, compose, inner)) {
        await options.context.step();
        const key = JSON.stringify([entry.system, entry.version, entry.concept.code]);
        if (seen.has(key)) continue;
        seen.add(key);
        yield entry;
      }
  }
}

/** How many codes there are, up to a limit, where that can be told without going through them: what one include takes of one code system. */
export async function totalOf(
  compose: Compose,
  { context, isActiveOnly, text }: EnumerateOptions,
  limit: number,
): Promise<number | undefined> {
  const [include, ...others] = compose.includes;
  const isPlain = others.length === 0 && compose.excludes.length === 0;
  if (include?.system === undefined || !isPlain || include.concepts || include.valueSets.length > 0)
    return undefined;
  const { view } = await context.codeSystem(include.system, include.version);
  return view?.total(include.filters, {
    limit,
    activeOnly: isActiveOnly || compose.isActiveOnly,
    ...(text === undefined ? {} : { text }),
  });
}

async function* batchesOf(entries: AsyncIterable<Entry>): AsyncGenerator<readonly Entry[]> {
  let batch: Entry[] = [];
  for await (const entry of entries) {
    batch.push(entry);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** What the include itself names, before its other conditions. */
async function* candidates(
  include: Include,
  compose: Compose,
  options: EnumerateOptions,
  within: readonly string[],
): AsyncGenerator<Entry> {
  const [first] = include.valueSets;
  if (include.system !== undefined) yield* ofSystem(include, include.system, compose, options);
  else if (first !== undefined) {
    const imported = composeOf(await importedOf(first, compose, options.context));
    if (!within.includes(imported.canonical) || compose.contained.has(first))
      yield* entriesOf(imported, options, within);
  }
}

async function* ofSystem(
  include: Include,
  system: string,
  compose: Compose,
  options: EnumerateOptions,
): AsyncGenerator<Entry> {
  const { context, isActiveOnly, text } = options;
  if (include.isWithheld) throw missing({ kind: 'withheld', url: system, valueSet: compose.canonical });
  const resolved = await context.codeSystem(system, include.version);
  const { view } = resolved;
  if (include.concepts) {
    yield* ofList(include.concepts, resolved, options);
    return;
  }
  if (!view || view.content === 'not-present') throw missing({ kind: 'code-system', resolved });
  checkVersion(resolved, context);
  context.use(resolved);
  const version = view.version === undefined ? {} : { version: view.version };
  let limit = BATCH;
  for (let after: string | undefined; ; limit = grown(limit)) {
    await context.step(true);
    const slice = {
      limit,
      ...(after === undefined ? {} : { after }),
      ...(text === undefined ? {} : { text }),
    };
    const concepts = await view.select(include.filters, { ...slice, activeOnly: isActiveOnly });
    for (const concept of concepts) yield { system, ...version, concept, isNested: true };
    after = concepts.at(-1)?.code;
    if (concepts.length < limit) return;
  }
}

async function* ofList(
  concepts: readonly Listed[],
  resolved: Resolved,
  options: EnumerateOptions,
): AsyncGenerator<Entry> {
  const { context, isActiveOnly, text } = options;
  const { url: system, view } = resolved;
  const hasText = textPredicate(text);
  if (view) checkVersion(resolved, context);
  context.use(resolved);
  const isWhole = view !== undefined && view.content === 'complete';
  const version = view?.version ?? resolved.wanted;
  for (let at = 0; at < concepts.length; at += BATCH) {
    await context.step(true);
    const batch = concepts.slice(at, at + BATCH);
    const found = await view?.find(batch.map(({ code }) => code));
    for (const listed of batch) {
      const concept = found?.get(listed.code) ?? (isWhole ? undefined : byItself(listed));
      if (!concept || (isActiveOnly && !concept.isActive)) continue;
      if (!hasText(listed.display === undefined ? concept : { ...concept, display: listed.display }))
        continue;
      yield { system, ...(version === undefined ? {} : { version }), concept, listed, isNested: false };
    }
  }
}

/** Of a code system that is not at hand, what the list says is all that is known. */
const byItself = ({ code, display }: Listed): Concept => ({
  ...{ code, ...(display ? { display } : {}), isActive: true, isAbstract: false },
  ...{ designations: [], properties: [], parents: [] },
});

/** Those that meet the include's other conditions and no exclude. */
async function remaining(
  batch: readonly Entry[],
  include: Include,
  compose: Compose,
  { context }: EnumerateOptions,
): Promise<readonly Entry[]> {
  const conditions = include.system === undefined ? include.valueSets.slice(1) : include.valueSets;
  let rest = batch;
  for (const canonical of conditions) {
    const imported = composeOf(await importedOf(canonical, compose, context));
    rest = await those(rest, imported, { context, isWanted: true });
  }
  if (compose.excludes.length === 0) return rest;
  const excluded: Compose = { ...compose, includes: compose.excludes, excludes: [], isActiveOnly: false };
  return those(rest, excluded, { context, isWanted: false });
}

async function those(
  entries: readonly Entry[],
  compose: Compose,
  { context, isWanted }: { readonly context: Context; readonly isWanted: boolean },
): Promise<readonly Entry[]> {
  if (entries.length === 0) return entries;
  let cause: Cause | undefined;
  const causes = (one: Cause) => {
    cause ??= one;
  };
  const members = entries.map(
    ({ system, version, concept }): Member => ({
      system,
      ...(version ? { version } : {}),
      code: concept.code,
    }),
  );
  const verdicts = await membersOf(compose, members, { context, causes });
  if (verdicts.includes(undefined) && cause) throw missing(cause);
  return entries.filter((_, at) => verdicts[at] === isWanted);
}

async function importedOf(canonical: string, compose: Compose, context: Context) {
  const contained = compose.contained.get(canonical);
  const definition = contained ?? (await context.valueSet(canonical));
  if (!definition) throw missing({ kind: 'value-set', canonical });
  if (!contained) context.usedValueSets.add(composeOf(definition).canonical);
  return definition;
}

function checkVersion({ url, view }: Resolved, context: Context): void {
  const required = context.requiredVersion(url);
  if (required === undefined || view?.version === undefined || meetsVersion(required, view.version)) return;
  throw new TerminologyError('exception', versionNotAllowed(view.version, url, required), {
    detail: 'version-error',
  });
}

function missing(cause: Cause): TerminologyError {
  const options = { detail: 'not-found' };
  if (cause.kind === 'value-set')
    return new TerminologyError('not-found', unknownValueSet(cause.canonical), options);
  if (cause.kind === 'withheld')
    return new TerminologyError('not-supported', withheldCodes(cause.url, cause.valueSet), options);
  if (cause.kind === 'part') return new TerminologyError('not-found', onlyAPart(cause.url), options);
  const { url, wanted: version, known } = cause.resolved;
  return new TerminologyError('not-found', unknownSystem({ url, version, known }, 'expansion'), options);
}
