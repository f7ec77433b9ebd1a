import {
  type Applied,
  type Candidate,
  createWorkList,
  openTerminology,
  type UnmappedList,
  type WorkList,
} from '../../clinical/terminology/index.ts';
import { createAudit } from '../../foundation/audit/index.ts';
import { systemClock } from '../../foundation/clock/index.ts';
import { loadKeyring } from '../../foundation/crypto/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { printJson, printLine, printTable, printTime } from './output.ts';
import type {
  ApplyTranslationOptions,
  IgnoreOptions,
  MapOptions,
  UnmappedOptions,
} from './terminology-work-options.ts';
import { type CommandStore, withStore } from './with-store.ts';

/** The work list, with the login of whoever decides. */
const withWorkList = <T>(work: (list: WorkList, actor: string) => Promise<T>): Promise<T> =>
  withStore(async ({ database, settings, actor }: CommandStore) => {
    const keyring = settings.keys === undefined ? undefined : await loadKeyring(settings.keys);
    const sealed = keyring ? { keyring } : {};
    const loaded = openTerminology({ database, ...sealed });
    const list = createWorkList({
      database,
      loaded,
      audit: createAudit(database),
      clock: systemClock,
      ...sealed,
    });
    return work(list, actor);
  });

export async function listUnmapped(options: UnmappedOptions): Promise<void> {
  const { json, candidates: wanted, state, ...filter } = options;
  const { list, candidates } = await withWorkList(async (work) => {
    const found = await work.list({ ...filter, ...(state === 'all' ? {} : { state }) });
    return { list: found, candidates: wanted ? await work.candidates(found.codes) : undefined };
  });
  if (json)
    return printJson({
      ...list,
      codes: list.codes.map((one) => ({
        ...one,
        ...(candidates ? { candidates: candidates.get(one.id) ?? [] } : {}),
      })),
    });
  if (list.codes.length === 0) return printLine('no code fits');
  tellList(list, candidates);
}

function tellList(
  list: UnmappedList,
  candidates: ReadonlyMap<number, readonly Candidate[]> | undefined,
): void {
  const { codes, total, occurrences } = list;
  printTable(
    [
      'id',
      'count',
      'code',
      'name',
      'system',
      'element',
      'source',
      'translation',
      'state',
      'last seen (UTC)',
      'message',
    ],
    codes.map((one) => [
      ...[String(one.id), String(one.count), shown(one.code), shown(one.display ?? ''), shown(one.system)],
      ...[one.element, one.source, one.translation, one.state, printTime(one.lastSeen)],
      one.messageId === undefined ? '' : String(one.messageId),
    ]),
  );
  printLine(`${codes.length} of ${total} codes, which came ${occurrences} times`);
  for (const { id } of codes) {
    for (const { system, code, display, equivalence, map, why } of candidates?.get(id) ?? [])
      printLine(
        `${id}: ${system}|${code}${display === undefined ? '' : ` ${shown(display)}`}, ${equivalence} by ${map}${why === undefined ? '' : `, not decided: ${why}`}`,
      );
  }
}

/** A name from outside must not steer the terminal. */
const shown = (text: string): string => text.replace(/\p{C}/gu, ' ');

export async function mapUnmapped(id: number, options: MapOptions): Promise<void> {
  const { to, display, equivalence, reason, json } = options;
  const target = { ...to, ...(display === undefined ? {} : { display }) };
  const decided = await withWorkList((work, actor) => work.map({ id, target, equivalence, reason, actor }));
  if (json) return printJson(decided);
  if (decided.isUnchecked)
    process.stderr.write(
      `warning: ${to.system} is not loaded, or not whole, so nobody knows whether it has this code\n`,
    );
  printLine(
    `${shown(decided.from.code)} is ${to.system}|${to.code} by ${decided.map} (${decided.reference})`,
  );
  printLine(`it came ${decided.occurrences} times until now: isthmus terminology apply translates those`);
}

export async function ignoreUnmapped(id: number, { reason, json }: IgnoreOptions): Promise<void> {
  const ignored = await withWorkList((work, actor) => work.ignore({ id, reason, actor }));
  if (json) return printJson(ignored);
  printLine(`${shown(ignored.code)} stays as it is; it is counted, and no longer listed as open`);
}

/** A line of progress for so many resources. */
const EVERY = 10_000;

export async function applyTranslation(translation: string, options: ApplyTranslationOptions): Promise<void> {
  const { system, code, reason, json = false, preview: isPreview = false } = options;
  if (!isPreview && reason === undefined)
    throw new IsthmusError('INVALID_REQUEST', { place: '--reason', rule: 'needed unless --preview' });
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let said = 0;
  const applied = await withWorkList((work, actor) =>
    work.apply({
      ...{ translation, isPreview, actor, signal: stopping.signal },
      ...(system === undefined ? {} : { system }),
      ...(code === undefined ? {} : { code }),
      ...(reason === undefined ? {} : { reason }),
      onProgress({ read, changed }) {
        if (read - said < EVERY || json) return;
        said = read;
        process.stderr.write(
          `${read} resources looked at, ${changed} ${isPreview ? 'would change' : 'changed'}\n`,
        );
      },
    }),
  );
  if (json) return printJson({ isPreview, ...applied });
  tellApplied(applied, isPreview);
}

function tellApplied({ read, byType, isPartial }: Applied, isPreview: boolean): void {
  if (byType.length === 0)
    printLine(`nothing ${isPreview ? 'would change' : 'changed'}: ${read} resources were looked at`);
  else
    printTable(
      ['type', isPreview ? 'would change' : 'changed', 'for example'],
      byType.map(({ type, changed, examples }) => [type, String(changed), examples.join(' ')]),
    );
  if (isPartial) printLine('stopped; the same command goes on');
}
