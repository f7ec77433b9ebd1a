import type { Entry, Json } from './references.ts';

/**
 * A text that is longer than a line comes as several OBX. One converter makes a resource of every line, another one of the text (M12): it
 * is the same text, so the lines are put together on both sides before they are compared.
 */
export function joinLines(entries: readonly Entry[]): readonly Entry[] {
  const heads = new Map<string, Json>();
  const joined: Entry[] = [];
  for (const entry of entries) {
    const key = textKey(entry.resource);
    const head = key === undefined ? undefined : heads.get(key);
    if (head) append(head, entry.resource);
    else {
      const resource = { ...entry.resource };
      joined.push({ ...entry, resource });
      if (key !== undefined) heads.set(key, resource);
    }
  }
  return joined;
}

/** What was observed, when, and how final it is; undefined for what is no text. */
function textKey({ resourceType, valueString, code, effectiveDateTime, status }: Json): string | undefined {
  if (resourceType !== 'Observation' || typeof valueString !== 'string') return undefined;
  const { coding = [] } = (code ?? {}) as { coding?: { code?: string }[] };
  const at = typeof effectiveDateTime === 'string' ? Date.parse(effectiveDateTime) : '';
  return JSON.stringify([coding.map((one) => one.code), at, status]);
}

function append(head: Json, line: Json): void {
  head.valueString = `${String(head.valueString)}\n${String(line.valueString)}`;
  const notes = [head.note, line.note].flatMap((note) => (Array.isArray(note) ? note : []));
  if (notes.length > 0) head.note = notes;
}
