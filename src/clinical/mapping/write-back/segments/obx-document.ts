import type { Attachment, CodeableConcept, DocumentReference } from '@medplum/fhirtypes';
import type { FieldValue } from '../../../../standards/hl7v2/index.ts';
import type { WriteContext } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dtm } from '../datatypes/dtm.ts';
import { attachmentType, fileOf } from '../datatypes/ed.ts';
import { type Fields, from } from '../fields.ts';
import { type GroupPart, group, type SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { numbered } from './observed.ts';
import type { SentDocument } from './txa.ts';

/** A line of a text, or a file; comments stand behind the last one. */
interface DocumentLine {
  readonly code: CodeableConcept;
  readonly line?: string;
  readonly file?: Attachment;
  readonly comments?: string;
}

/** What a receiver shows as text; a text with a title of its own is a file. */
const isText = ({ contentType = '', data, title }: Attachment): boolean =>
  contentType.startsWith('text/plain') && data !== undefined && title === undefined;
const COMMENTS = 'Comments';
const isComment = ({ contentType = '', title, data }: Attachment): boolean =>
  contentType.startsWith('text/plain') && title === COMMENTS && data !== undefined;

const wordsOf = ({ data = '' }: Attachment): string => Buffer.from(data, 'base64').toString('utf8');

function linesOf({ document }: SentDocument): DocumentLine[] {
  const files = (document.content ?? []).map(({ attachment }) => attachment);
  const code = document.type ?? { text: 'Document' };
  const lines: DocumentLine[] = files
    .filter((one) => !isComment(one) && (one.data !== undefined || one.url !== undefined))
    .flatMap((file): DocumentLine[] =>
      isText(file)
        ? splitLines(wordsOf(file)).map((line) => ({ code, line }))
        : [{ code: titled(file), file }],
    );
  const comments = files.filter(isComment).map(wordsOf).join('\n');
  const last = lines.at(-1);
  if (last && comments !== '') lines[lines.length - 1] = { ...last, comments };
  return lines;
}

export const splitLines = (text: string): string[] => text.split(/\r\n|\r|\n/);
const titled = ({ title }: Attachment): CodeableConcept => ({ text: title ?? 'Document' });

const value = ({ line, file }: DocumentLine, context: WriteContext): FieldValue =>
  file ? fileOf(file, context) : line;

type Content = {
  readonly OBX: SegmentPart<DocumentLine, DocumentLine>;
  readonly NTE: SegmentPart<DocumentLine, string>;
};

/** OBX from DocumentReference.content: one a line of text, one a file; NTE from the comments. */
export const documentContent = <F>(
  of: (facts: F) => readonly SentDocument[],
): GroupPart<F, DocumentLine, Content> =>
  group((facts: F) => of(facts).flatMap(linesOf), {
    OBX: each<DocumentLine, DocumentLine>('OBX', (line) => [line], {
      1: numbered,
      2: { from: 'DocumentReference.content', write: ({ file }) => (file ? attachmentType(file) : 'TX') },
      3: {
        from: 'DocumentReference.type, DocumentReference.content.attachment.title',
        write: ({ code }, context) => cwe(code, context),
      },
      5: { from: 'DocumentReference.content', write: value },
      11: 'F',
    }),
    NTE: each<DocumentLine, string>(
      'NTE',
      ({ comments }) => (comments === undefined ? [] : splitLines(comments)),
      { 3: (line) => line },
    ),
  });

/** OBX of a document that comes with an order: its kind, its content, and when it was made. */
export const obxFile: Fields<DocumentReference> = {
  1: numbered,
  2: { from: 'DocumentReference.content', write: (document) => attachmentType(fileIn(document)) },
  3: from('DocumentReference.type', (document) => document.type ?? titled(fileIn(document)), cwe),
  5: from('DocumentReference.content', fileIn, fileOf),
  11: {
    from: 'DocumentReference.status',
    write: ({ status }) => (status === 'entered-in-error' ? 'D' : 'F'),
  },
  14: from('DocumentReference.content.attachment.creation', (document) => fileIn(document).creation, dtm),
};

function fileIn({ content = [] }: DocumentReference): Attachment {
  return content[0]?.attachment ?? {};
}
