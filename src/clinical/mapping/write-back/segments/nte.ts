import type { Annotation } from '@medplum/fhirtypes';
import type { WriteContext } from '../context.ts';
import { dtm } from '../datatypes/dtm.ts';
import { xcnOf } from '../datatypes/person.ts';
import { from } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';

interface Line {
  readonly text: string;
  readonly note: Annotation;
}

/** NTE: one for each line of the notes, with who entered it and when. */
export const notes = <F>(
  of: (facts: F, context: WriteContext) => readonly Annotation[],
): SegmentPart<F, Line> =>
  each<F, Line>(
    'NTE',
    (facts, context) =>
      of(facts, context).flatMap((note) =>
        (note.text ?? '').split(/\r\n|\r|\n/).map((text) => ({ text, note })),
      ),
    {
      3: from(
        'Annotation.text',
        ({ text }) => text,
        (text) => text,
      ),
      5: from('Annotation.authorReference', ({ note }) => note.authorReference, xcnOf),
      6: from('Annotation.time', ({ note }) => note.time, dtm),
    },
  );
