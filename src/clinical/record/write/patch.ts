import type { RecordWrite } from '../types.ts';
import { type Content, slotOf } from './slot.ts';

/**
 * How one write meets what stands. Every slot keeps the event time of who last spoke of it, so that the same set of messages
 * gives the same resource in whatever order they arrive (docs/design/record.md, R5): late news fills what nobody newer spoke of, and
 * never brings back what was replaced or removed.
 */
export interface Standing {
  readonly content: Content;
  readonly stated: boolean;
  /** Milliseconds since 1970; the newest event that spoke of the resource. */
  readonly eventTime: number;
  readonly times: ElementTimes;
}

/** Event times by slot. What is there and not listed has the time `base`; what is not there, `absent`, when a whole resource was stated. */
export interface ElementTimes {
  readonly base: number;
  readonly absent?: number;
  readonly slots: Readonly<Record<string, number>>;
}

export interface Merged {
  readonly standing: Standing;
  /** Something of the write was older than what stands, and was left out. */
  readonly late: boolean;
}

/** Before every real event: a slot that was filled with a neutral start, or by a copy. */
const NEVER = Number.MIN_SAFE_INTEGER;

/** Pure: `standing` is not changed. Undefined `standing` means that the resource does not exist yet. */
export function mergeWrite(standing: Standing | undefined, write: RecordWrite): Merged {
  const time = write.origin.eventTime.getTime();
  const stated = write.copy !== true;
  if (standing?.stated && !stated) return { standing, late: false };
  // What copies said is worth nothing once it is stated: keeping parts of it would make the outcome hang on the order of arrival.
  if (!standing || standing.stated !== stated) return { standing: found(write, time, stated), late: false };
  const content = { ...standing.content };
  const { base, absent = NEVER } = standing.times;
  const slots: Record<string, number> = { ...standing.times.slots };
  const mayChange = (text: string) => (slots[text] ?? (slotOf(text).has(content) ? base : absent)) <= time;
  let late = false;
  for (const [text, value] of Object.entries(write.set)) {
    if (mayChange(text)) {
      slotOf(text).put(content, value);
      slots[text] = time;
    } else late = true;
  }
  for (const text of write.remove ?? []) {
    if (mayChange(text)) {
      slotOf(text).clear(content);
      slots[text] = time;
    } else late = true;
  }
  fillInitial(content, slots, write);
  const eventTime = Math.max(standing.eventTime, time);
  const times = { ...standing.times, slots: tidied(content, base, slots) };
  return { standing: { content, stated, eventTime, times }, late };
}

function found(write: RecordWrite, time: number, stated: boolean): Standing {
  const content: Content = { resourceType: write.type, id: write.id };
  const slots: Record<string, number> = {};
  for (const [text, value] of Object.entries(write.set)) slotOf(text).put(content, value);
  for (const text of write.remove ?? []) slots[text] = time;
  fillInitial(content, slots, write);
  return { content, stated, eventTime: time, times: { base: time, slots } };
}

function fillInitial(content: Content, slots: Record<string, number>, write: RecordWrite): void {
  for (const [text, value] of Object.entries(write.initial ?? {})) {
    if (slotOf(text).has(content) || (slots[text] ?? NEVER) > NEVER) continue;
    slotOf(text).put(content, value);
    slots[text] = NEVER;
  }
}

/** An entry that says the same as `base` about something that is there is left out, so that a repeat changes nothing. */
function tidied(
  content: Content,
  base: number,
  slots: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(slots).filter(([text, time]) => time !== base || !slotOf(text).has(content)),
  );
}
