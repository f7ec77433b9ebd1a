import { withStoredMeta } from '../write/meta.ts';
import type { ElementTimes, Standing } from '../write/patch.ts';
import type { Content } from '../write/slot.ts';
import { canonical, groupOf, isList, itemKey, listOf, withoutId } from './items.ts';
import { DUPLICATE_TAG } from './survivorship.ts';

/** A Patient that is published from several statements, as it was read, changed and is written back. */
export interface Restating {
  readonly written: Content;
  readonly published: Content;
  /** What the source of this Patient says today. */
  readonly statement: Standing | undefined;
  /** What it says from now on is `written` as it is: the source itself speaks, and nobody who has read the published Patient. */
  readonly isStatement: boolean;
  /** Labels that the writer leaves out stay, as with every update; a patch says itself which do. */
  readonly isPatch: boolean;
  /** As of when, in milliseconds since 1970. */
  readonly time: number;
}

/**
 * What the source of the Patient says after the write: what was changed. What is as it was published stays what the source said before, so that nothing
 * that other sources contributed becomes its own, and nothing of theirs is taken away. Undefined where nothing was changed. Pure.
 */
export function restate(restating: Restating): Standing | undefined {
  const { written, published, statement, isStatement, time } = restating;
  if (isStatement || !statement || !wasRead(written, published)) return asWhole(restating);
  const said = statement.content;
  const meta = metaOf(restating, said);
  const content: Content = { resourceType: 'Patient', id: said.id, ...(meta ? { meta } : {}) };
  const changed = new Set<string>();
  for (const name of groupsOf(written, published, said)) {
    const parts = { written: pick(written, name), published: pick(published, name), said: pick(said, name) };
    if (canonical(parts.written) === canonical(parts.published)) Object.assign(content, parts.said);
    else {
      changed.add(name);
      Object.assign(content, isList(name) ? { [name]: itemsOf(name, parts) } : parts.written);
      if (isList(name) && listOf(content[name]).length === 0) delete content[name];
    }
  }
  if (changed.size === 0 && canonical(meta) === canonical(said.meta)) return undefined;
  const eventTime = Math.max(statement.eventTime, time);
  return { content, stated: true, eventTime, times: timesOf(statement.times, content, { changed, time }) };
}

/** A Patient that leads to another's was read when the link is still in it; otherwise somebody speaks who does not know of it. */
function wasRead(written: Content, published: Content): boolean {
  const links = listOf(published.link).filter((link) => (link as { type?: unknown }).type === 'replaced-by');
  const has = new Set(listOf(written.link).map(canonical));
  return links.every((link) => has.has(canonical(link)));
}

function asWhole({ written, published, time, isPatch, statement }: Restating): Standing {
  const made = new Set(listOf(published.link).map(canonical));
  const content = withStoredMeta(written, isPatch ? undefined : statement?.content);
  const link = listOf(content.link).filter((each) => !made.has(canonical(each)));
  const { link: _link, meta, ...rest } = content;
  const labels = withoutTag(meta as Content | undefined);
  return {
    content: { ...rest, ...(link.length > 0 ? { link } : {}), ...(labels ? { meta: labels } : {}) },
    stated: true,
    eventTime: time,
    times: { base: time, slots: {}, absent: time },
  };
}

const OWN = new Set(['resourceType', 'id', 'meta']);

const groupsOf = (...contents: readonly Content[]): Set<string> =>
  new Set(
    contents.flatMap((content) =>
      Object.keys(content)
        .filter((key) => !OWN.has(key))
        .map(groupOf),
    ),
  );

const pick = (content: Content, name: string): Content =>
  Object.fromEntries(Object.entries(content).filter(([key]) => groupOf(key) === name));

interface Parts {
  readonly written: Content;
  readonly published: Content;
  readonly said: Content;
}

/** How a contained resource of one of several sources is referred to (survivorship.ts). */
const OF_SOURCE = /"#s\d+-/g;

/** Of a list: what the source said and still stands, as it said it, and what is new; not what others contributed. */
function itemsOf(name: string, parts: Parts): unknown[] {
  const isWhole = name === 'extension' || name === 'modifierExtension';
  const key = (item: unknown): string =>
    (isWhole ? canonical(withoutId(item)) : itemKey(name, item)).replace(OF_SOURCE, '"#');
  const own = new Map(listOf(parts.said[name]).map((item) => [key(item), item]));
  const published = new Map(listOf(parts.published[name]).map((item) => [canonical(item), key(item)]));
  return listOf(parts.written[name]).flatMap((item) => {
    const known = published.get(canonical(item));
    if (known === undefined) return [item];
    const before = own.get(known);
    return before === undefined ? [] : [before];
  });
}

function metaOf({ written, published, isPatch }: Restating, said: Content): Content | undefined {
  const next = asContent(withStoredMeta(written, isPatch ? undefined : published).meta);
  const [shown, before] = [asContent(published.meta), asContent(said.meta)];
  const meta: Content = {};
  for (const name of new Set([...Object.keys(next), ...Object.keys(before)])) {
    if (!Array.isArray(next[name] ?? before[name])) {
      if (next[name] !== undefined) meta[name] = next[name];
      continue;
    }
    const own = new Set(listOf(before[name]).map(canonical));
    const theirs = new Set(listOf(shown[name]).map(canonical));
    const items = listOf(next[name]).filter(
      (item) => own.has(canonical(item)) || !theirs.has(canonical(item)),
    );
    if (items.length > 0) meta[name] = items;
  }
  return Object.keys(meta).length === 0 ? undefined : withoutTag(meta);
}

function withoutTag(meta: Content | undefined): Content | undefined {
  if (!meta || !Array.isArray(meta.tag)) return meta;
  const { tag, ...rest } = meta;
  const left = (tag as unknown[]).filter((each) => canonical(each) !== canonical(DUPLICATE_TAG));
  if (left.length > 0) return { ...rest, tag: left };
  return Object.keys(rest).length === 0 ? undefined : rest;
}

const asContent = (value: unknown): Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Content) : {};

/** Every slot of what was changed is as of the write; of the rest as before. */
function timesOf(
  before: ElementTimes,
  content: Content,
  { changed, time }: { readonly changed: ReadonlySet<string>; readonly time: number },
): ElementTimes {
  const slots: Record<string, number> = { ...before.slots };
  for (const slot of Object.keys(slots))
    if (changed.has(groupOf(slot.replace(/[@.[].*$/, '')))) slots[slot] = time;
  for (const name of changed) {
    slots[name] = time;
    for (const item of listOf(content[name])) {
      const mark = /^([A-Z0-9]{3}-\d{1,2})\.\d+$/.exec(
        String((item as { id?: unknown } | null)?.id ?? ''),
      )?.[1];
      if (mark) slots[`${name}@${mark}`] = time;
    }
  }
  return { ...before, slots };
}
