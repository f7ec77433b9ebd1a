import { Hl7Error, type Hl7Message, parseMessage } from '../../standards/hl7v2/index.ts';

/** One place of a message and what stands there: `PID-3[2].1`. */
export interface ContentLine {
  readonly place: string;
  readonly text: string;
}

/** Content for people: HL7 v2 by segment, field, repetition and component; JSON indented; other text by lines. */
export function contentLines(body: Uint8Array, contentType: string): ContentLine[] {
  if (contentType === 'application/hl7-v2') {
    const parsed = tryParse(body);
    if (parsed) return hl7Lines(parsed);
  }
  return textLines(Buffer.from(body).toString('utf8'), contentType);
}

/** The same as plain values, for `--json`. */
export function contentView(body: Uint8Array, contentType: string): unknown {
  const lines = contentLines(body, contentType);
  return { contentType, lines, base64: Buffer.from(body).toString('base64') };
}

/** What can't be parsed is what one looks at most: it is shown as text. */
function tryParse(body: Uint8Array): Hl7Message | undefined {
  try {
    return parseMessage(body);
  } catch {
    return undefined;
  }
}

function hl7Lines(message: Hl7Message): ContentLine[] {
  const seen = new Map<string, number>();
  return message.segments().flatMap((segment) => {
    const occurrence = (seen.get(segment.name) ?? 0) + 1;
    seen.set(segment.name, occurrence);
    const name = occurrence === 1 ? segment.name : `${segment.name}(${occurrence})`;
    const lines: ContentLine[] = [];
    for (let number = 1; number <= segment.fieldCount; number += 1) {
      const field = segment.field(number);
      if (field.state === 'null') lines.push({ place: `${name}-${number}`, text: '""' });
      if (field.state === 'valued') lines.push(...fieldLines(`${name}-${number}`, field.repetitions));
    }
    return lines.length > 0 ? lines : [{ place: name, text: '' }];
  });
}

type Repetition = ReturnType<ReturnType<Hl7Message['segments']>[number]['field']>['repetitions'][number];

function fieldLines(place: string, repetitions: readonly Repetition[]): ContentLine[] {
  return repetitions.flatMap((repetition, index) =>
    componentLines(repetitions.length === 1 ? place : `${place}[${index + 1}]`, repetition),
  );
}

function componentLines(place: string, repetition: Repetition): ContentLine[] {
  const components = repetition.componentCount;
  const lines: ContentLine[] = [];
  for (let component = 1; component <= components; component += 1) {
    const parts = Math.max(1, repetition.subcomponentCount(component));
    for (let part = 1; part <= parts; part += 1) {
      const text = textAt(repetition, component, part);
      const path = parts > 1 ? `.${component}.${part}` : components > 1 ? `.${component}` : '';
      if (text !== '') lines.push({ place: `${place}${path}`, text: printable(text) });
    }
  }
  return lines;
}

function textAt(repetition: Repetition, component: number, part: number): string {
  try {
    return repetition.component(component, part);
  } catch (error) {
    if (error instanceof Hl7Error) return `(${error.code})`;
    throw error;
  }
}

function textLines(text: string, contentType: string): ContentLine[] {
  const lines = (contentType.includes('json') ? indented(text) : text).split(/\r\n|\r|\n/);
  return lines.map((line, index) => ({ place: String(index + 1), text: printable(line) }));
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** Content from outside must not steer the terminal. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
