import type {
  CodeableConcept,
  DocumentReference,
  Element,
  Extension,
  Identifier,
  Reference,
} from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { resolve, type WriteContext } from '../context.ts';
import { asSent, coded, cwe } from '../datatypes/cwe.ts';
import { ei, typeOf } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { mediaOf } from '../datatypes/ed.ts';
import { ofField } from '../datatypes/marks.ts';
import { xcnOf } from '../datatypes/person.ts';
import { type Fields, from, fromEach, needed } from '../fields.ts';

/** A document as a profile is told of it. */
export interface SentDocument {
  readonly document: DocumentReference;
}

/** 0270 is a table of codes alone; what is of another system goes with it. */
function kind({ document: { type } }: SentDocument, context: WriteContext): RepetitionValue {
  const [first, ...others] = type?.coding ?? [];
  const isPlain = first?.system?.endsWith('/v2-0270') && others.length === 0 && type?.text === undefined;
  return isPlain ? first?.code : type && cwe(type, context);
}

/** 0191, of the first content that there is. */
const KINDS: Readonly<Record<string, string>> = { text: 'TX', image: 'IM', audio: 'AU', application: 'AP' };
function contentKind({ document: { content = [] } }: SentDocument): string | undefined {
  const { contentType, data, url } = content[0]?.attachment ?? {};
  // Without the content this field alone says of what kind it is.
  if (contentType !== undefined && data === undefined && url === undefined)
    return mediaOf(contentType)[1].toUpperCase();
  return KINDS[contentType?.split('/')[0] ?? ''];
}

const ORIGINATED = 'http://hl7.org/fhir/6.0/StructureDefinition/extension-date';
const originated = ({ document: { date, extension = [] } }: SentDocument): string | undefined =>
  date ?? extension.find(({ url }) => url === ORIGINATED)?.valueDateTime;

/** Our own id stands for a document that nobody gave a number. */
const masterOf = ({ masterIdentifier, identifier = [], id }: DocumentReference): Identifier | undefined =>
  masterIdentifier ??
  identifier.find((one) => !one.id?.startsWith('TXA-16')) ??
  (id === undefined ? undefined : { system: 'urn:isthmus:authority:ISTHMUS', value: id });

/** TXA-13: the document that this one adds to or replaces, by its number. */
function parentOf({ document: { relatesTo = [] } }: SentDocument, context: WriteContext) {
  const [first] = relatesTo.filter(({ code }) => code === 'appends' || code === 'replaces');
  const target: Reference | undefined = first?.target;
  const known = resolve(context, target, 'DocumentReference');
  return (known && masterOf(known)) ?? target?.identifier;
}

/** TXA-14 and 15, where the orders themselves are not at hand. */
const orderNumbers =
  (type: 'PLAC' | 'FILL') =>
  ({ document: { context } }: SentDocument): Identifier[] =>
    (context?.related ?? []).flatMap(({ identifier }) =>
      identifier && typeOf(identifier) === type ? [identifier] : [],
    );

/** 0271. Nobody has signed what is preliminary. */
const completion = coded('0271', { final: 'AU', preliminary: 'DO', amended: 'AU', 'entered-in-error': 'DO' });
/** 0273, or the code that was sent where FHIR's status is coarser. */
const availability = coded('0273', { current: 'AV', superseded: 'OB', 'entered-in-error': 'CA' });
const ALTERNATE = 'http://hl7.org/fhir/StructureDefinition/alternate-codes';
function standing({ document }: SentDocument, context: WriteContext): RepetitionValue {
  const { _status } = document as { _status?: Element & { extension?: readonly Extension[] } };
  const sent = _status?.extension?.find(({ url }) => url === ALTERNATE)?.valueCodeableConcept;
  return sent?.coding?.[0]?.code ?? (document.status && availability(document.status, context));
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const LEVELS: Readonly<Record<string, string>> = { V: 'V', R: 'R', N: 'U', U: 'U', L: 'U', M: 'U' };

/** 0272: what was sent, or else the nearest level. */
function confidentiality({ document }: SentDocument, context: WriteContext): RepetitionValue {
  const [label] = document.securityLabel ?? [];
  const sent: CodeableConcept | undefined = label && asSent(label, [CONFIDENTIALITY]);
  const [first] = sent?.coding ?? [];
  return first?.system === CONFIDENTIALITY ? LEVELS[first.code ?? ''] : sent && cwe(sent, context);
}

/** Who has signed stands in TXA-22, who is to in TXA-10. */
const isSigned = ({ document: { docStatus } }: SentDocument): boolean =>
  docStatus === 'final' || docStatus === 'amended';
const authenticator = (signed: boolean) => (sent: SentDocument) =>
  isSigned(sent) === signed ? sent.document.authenticator : undefined;

const text = (value: string): string => value;

/** TXA from the DocumentReference (2.5.1, 9.7.1). TXA-12 is the number under which an addendum or a replacement finds it. */
export const txa: Fields<SentDocument> = {
  1: 1,
  2: { from: 'DocumentReference.type', write: kind },
  3: from('DocumentReference.content.attachment.contentType', contentKind, text),
  4: from('DocumentReference.context.period.start', ({ document }) => document.context?.period?.start, dtm),
  6: from('DocumentReference.date', originated, dtm),
  9: fromEach('DocumentReference.author', ({ document }) => document.author, xcnOf),
  10: from('DocumentReference.authenticator of what is not signed', authenticator(false), xcnOf),
  12: needed(from('DocumentReference.masterIdentifier', ({ document }) => masterOf(document), ei)),
  13: from('DocumentReference.relatesTo.target', parentOf, ei),
  14: fromEach('DocumentReference.context.related of the placer', orderNumbers('PLAC'), ei),
  15: fromEach('DocumentReference.context.related of the filler', orderNumbers('FILL'), ei),
  16: from(
    'DocumentReference.identifier from TXA-16',
    ({ document }) => ofField(document.identifier, 'TXA-16')[0]?.value,
    text,
  ),
  17: from('DocumentReference.docStatus', ({ document }) => document.docStatus, completion),
  18: { from: 'DocumentReference.securityLabel', write: confidentiality },
  19: { from: 'DocumentReference.status', write: standing },
  22: from('DocumentReference.authenticator', authenticator(true), xcnOf),
  25: from('DocumentReference.description', ({ document }) => document.description, text),
};
