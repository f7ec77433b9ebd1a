import type { Annotation, Practitioner, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { firstOf, present } from '../convert.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { xcn } from '../datatypes/xcn.ts';
import { placeOf } from '../segment-map.ts';

/** NTE-3 of the notes in turn, one line each; undefined when they say nothing. */
export function notesText(notes: readonly Segment[], context: MapContext): string | undefined {
  const lines = notes.flatMap((note) => linesOf(note, context));
  const joined = lines.join('\n').trim();
  return joined === '' ? undefined : joined;
}

/**
 * NTE → Annotation (v2-to-FHIR guide, NTE[Observation], NTE[ServiceRequest]): NTE-3 text, NTE-5 who entered it, NTE-6 when. Notes of one
 * author and time that follow each other are lines of one note. Undefined when they say nothing.
 */
export function annotationsOf(notes: readonly Segment[], context: MapContext): Annotation[] | undefined {
  const annotations: Annotation[] = [];
  let last: string | undefined;
  for (const note of notes) {
    const text = linesOf(note, context).join('\n');
    const entered = enteredOf(note, context);
    const by = JSON.stringify(entered);
    const before = annotations.at(-1);
    if (before && by === last) before.text = `${before.text}\n${text}`;
    else annotations.push({ ...entered, text });
    last = by;
  }
  const said = annotations
    .map((annotation) => ({ ...annotation, text: (annotation.text ?? '').trim() }))
    .filter(({ text }) => text !== '');
  return said.length > 0 ? said : undefined;
}

const linesOf = (note: Segment, context: MapContext): string[] =>
  attempt(context, placeOf(note, 3), () =>
    note.field(3).repetitions.map((repetition) => repetition.wholeText),
  ) ?? [];

function enteredOf(note: Segment, context: MapContext): Partial<Annotation> {
  if (note.fieldCount < 5) return {};
  const authorReference = attempt(context, placeOf(note, 5), () => firstOf(note.field(5), xcn, context));
  const time = attempt(context, placeOf(note, 6), () => firstOf(note.field(6), dateTime, context));
  return (
    present<Partial<Annotation>>({ authorReference: authorReference as Reference<Practitioner>, time }) ?? {}
  );
}
