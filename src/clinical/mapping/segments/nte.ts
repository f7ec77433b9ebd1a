import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { placeOf } from '../segment-map.ts';

/** NTE-3 of the notes in turn, one line each; undefined when they say nothing. */
export function notesText(notes: readonly Segment[], context: MapContext): string | undefined {
  const lines = notes.flatMap((note) => {
    const read = () => note.field(3).repetitions.map((repetition) => repetition.wholeText);
    return attempt(context, placeOf(note, 3), read) ?? [];
  });
  const joined = lines.join('\n').trim();
  return joined === '' ? undefined : joined;
}
