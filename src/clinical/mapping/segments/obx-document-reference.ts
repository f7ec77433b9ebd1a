import type { Attachment, DocumentReferenceContent } from '@medplum/fhirtypes';
import type { Repetition, Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { orNothing, present } from '../convert.ts';
import { mediaType } from '../datatypes/media-type.ts';
import { placeOf } from '../segment-map.ts';
import { notesText } from './nte.ts';

/** OBX with its notes. */
export interface DocumentPart {
  readonly obx: Segment;
  readonly notes: readonly Segment[];
}

/** What FHIR says of text: the guide's `text/hl7v2` and `application/text` are no registered types. */
const TEXT = 'text/plain;charset=utf-8';
/** OBX-11: deleted, posted as wrong, or never obtained. */
const NO_CONTENT: ReadonlySet<string> = new Set(['D', 'W', 'X']);

const typeOf = ({ obx }: DocumentPart): string => obx.field(2).text.trim().toUpperCase();
const nameOf = (obx: Segment): string =>
  (obx.field(3).component(2) || obx.field(3).component(9) || obx.field(3).component(1)).trim();

/**
 * OBX → DocumentReference.content (v2-to-FHIR guide, OBX[DocumentReference], NTE[DocumentReference]). All that is text is one attachment, line
 * by line, because it is one document; each ED and RP is one of its own. Undefined when there is nothing.
 */
export function documentContent(
  parts: readonly DocumentPart[],
  context: MapContext,
): DocumentReferenceContent[] | undefined {
  const told = parts.filter(({ obx }) => !NO_CONTENT.has(obx.field(11).text.trim().toUpperCase()));
  const texts = told.filter((part) => !isFile(part));
  const words = sectionsOf(texts, context);
  const comments = notesText(
    told.flatMap(({ notes }) => notes),
    context,
  );
  const attachments = [
    ...(words ? [textAttachment(words)] : []),
    ...told.filter(isFile).flatMap((part) => files(part, context)),
    ...(comments === undefined ? [] : [textAttachment(comments, 'Comments')]),
  ];
  return attachments.length > 0 ? attachments.map((attachment) => ({ attachment })) : undefined;
}

const isFile = (part: DocumentPart): boolean => typeOf(part) === 'ED' || typeOf(part) === 'RP';

const textAttachment = (words: string, title?: string): Attachment => ({
  contentType: TEXT,
  data: Buffer.from(words, 'utf8').toString('base64'),
  ...(title === undefined ? {} : { title }),
});

/** In place of a line that can't be decoded: whoever reads on must know that something is missing. */
const UNREADABLE = '[a line could not be read]';

/** Lines of one OBX-3 that follow each other are a section; several sections have their names above them. */
function sectionsOf(parts: readonly DocumentPart[], context: MapContext): string | undefined {
  const sections: { code: string; name: string; lines: string[] }[] = [];
  for (const { obx } of parts) {
    const code = obx.field(3).text.trim();
    const last = sections.at(-1);
    const section = last?.code === code ? last : { code, name: nameOf(obx), lines: [] };
    if (section !== last) sections.push(section);
    section.lines.push(...(attempt(context, placeOf(obx, 5), () => linesOf(obx)) ?? [UNREADABLE]));
  }
  const named = sections.filter(({ lines }) => lines.some((line) => line.trim() !== ''));
  if (named.length === 0) return undefined;
  if (sections.length === 1) return named.map(({ lines }) => lines.join('\n')).join('');
  return named.map(({ name, lines }) => [...(name === '' ? [] : [name]), ...lines].join('\n')).join('\n\n');
}

/** Types with components say more than their first one. */
const CODED: ReadonlySet<string> = new Set(['CE', 'CWE', 'CNE', 'CF']);

/** Every repetition is a line; an empty OBX-5 an empty one. */
function linesOf(obx: Segment): string[] {
  const isCoded = CODED.has(obx.field(2).text.trim().toUpperCase());
  const lines = obx.field(5).repetitions.map((value) => (isCoded ? spoken(value) : value.wholeText));
  return lines.length === 0 ? [''] : lines;
}

const spoken = (value: Repetition): string =>
  value.component(9) || value.component(2) || value.component(5) || value.component(1);

function files(part: DocumentPart, context: MapContext): Attachment[] {
  const { obx } = part;
  const read = typeOf(part) === 'ED' ? embedded : pointed;
  const place = placeOf(obx, 5);
  const title = orNothing(nameOf(obx));
  return obx.field(5).repetitions.flatMap((value) => {
    const file = attempt(context, place, () => read(value));
    if (!file)
      context.findings.push({
        place,
        rule: 'a document is ED in text, hex or base64, or RP with an address',
      });
    return file ? [{ ...file, ...(title === undefined ? {} : { title }) }] : [];
  });
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const HEX = /^(?:[0-9A-Fa-f]{2})+$/;

/** ED: ED-2 type, ED-3 subtype, ED-4 encoding (0299: A none, Hex, Base64), ED-5 data. */
function embedded(value: Repetition): Attachment | undefined {
  const encoding = value.component(4).trim().toUpperCase();
  const data = base64Of(value.component(5), encoding);
  const isPlain = encoding === 'A' || encoding === '';
  const contentType =
    mediaType(value.component(2), value.component(3)) ?? (isPlain ? TEXT : 'application/octet-stream');
  return data === undefined ? undefined : { contentType, data };
}

function base64Of(data: string, encoding: string): string | undefined {
  const packed = data.replaceAll(/\s/g, '');
  if (encoding === 'BASE64') return BASE64.test(packed) ? packed : undefined;
  if (encoding === 'HEX') return HEX.test(packed) ? Buffer.from(packed, 'hex').toString('base64') : undefined;
  const isPlain = (encoding === 'A' || encoding === '') && data.trim() !== '';
  return isPlain ? Buffer.from(data, 'utf8').toString('base64') : undefined;
}

const ADDRESS = /^[a-z][a-z0-9+.-]*:\S+$/i;

/** RP: RP-1 where it is, RP-3 type and RP-4 subtype. An address that could run is none. */
function pointed(value: Repetition): Attachment | undefined {
  const url = value.component(1).trim();
  if (!ADDRESS.test(url) || /^(?:javascript|data|vbscript):/i.test(url)) return undefined;
  return present<Attachment>({ contentType: mediaType(value.component(3), value.component(4)), url });
}
