import { Damaged } from '../load/failures.ts';
import type { InputFile, Meter } from '../load/types.ts';

const MAX_BYTES = 64 * 1_048_576;
const ENCODINGS = ['utf-8', 'iso-8859-1', 'us-ascii', 'windows-1252'];

/** One record of a list: its elements in order, with their text. */
export interface XmlRecord {
  /** Line of its start tag. */
  readonly line: number;
  readonly elements: readonly (readonly [name: string, text: string])[];
}

/**
 * Records of a plain list in XML as CDC publishes its code sets: a root element, records of one name within, elements with text within these. Anything else (attributes, deeper elements, a DTD) is refused, so
 * that nothing outside the file is ever looked at. Throws Damaged, also beyond 64 MiB.
 */
export async function recordsOfXml(
  file: InputFile,
  meter: Meter,
  record: string,
): Promise<readonly XmlRecord[]> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of file.open(meter)) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Damaged(file.name, undefined, `at most ${MAX_BYTES} bytes`);
  }
  return new Reader(file, decoded(file, Buffer.concat(parts))).records(record);
}

function decoded(file: InputFile, bytes: Buffer): string {
  const declared = /^<\?xml[^>]*\sencoding="([A-Za-z0-9_-]+)"/.exec(bytes.toString('latin1', 0, 200))?.[1];
  const encoding = declared?.toLowerCase() ?? 'utf-8';
  if (!ENCODINGS.includes(encoding))
    throw new Damaged(file.name, 1, `an encoding of ${ENCODINGS.join(', ')}`);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new Damaged(file.name, undefined, `text in ${encoding}, as its first line says`);
  }
}

const TAG = /<(?:!--[\s\S]*?--|\?xml[^>]*\?|\/[A-Za-z][\w.-]*\s*|[A-Za-z][\w.-]*\s*\/?)>/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

class Reader {
  readonly #file: InputFile;
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(file: InputFile, text: string) {
    this.#file = file;
    this.#text = text;
  }

  records(record: string): readonly XmlRecord[] {
    const found: XmlRecord[] = [];
    const open: string[] = [];
    let elements: [string, string][] = [];
    let line = 1;
    for (;;) {
      const text = this.#upToTag();
      const tag = this.#tag();
      if (tag === undefined) break;
      const name = tag.replace(/[<>/\s]/g, '');
      const isLeaf = open.length === 3;
      if (!isLeaf && text.trim() !== '') throw this.#wrong('text stands in elements of records only');
      if (tag.startsWith('<!') || tag.startsWith('<?')) continue;
      if (tag.startsWith('</')) {
        if (open.pop() !== name) throw this.#wrong(`the element ${name} is begun where it is ended`);
        if (open.length === 2) elements.push([name, this.#unescaped(text).trim()]);
        if (open.length === 1) found.push({ line, elements });
        continue;
      }
      if (isLeaf || (open.length === 1 && name !== record))
        throw this.#wrong(`records ${record} with plain elements`);
      if (open.length === 1) [elements, line] = [[], this.#line];
      if (!tag.endsWith('/>')) open.push(name);
      else if (open.length === 2) elements.push([name, '']);
    }
    if (open.length > 0 || found.length === 0)
      throw this.#wrong(`a list of ${record} that is ended: the file may be cut off`);
    return found;
  }

  #upToTag(): string {
    const end = this.#text.indexOf('<', this.#at);
    const text = this.#text.slice(this.#at, end === -1 ? undefined : end);
    this.#advance(text);
    return text;
  }

  #tag(): string | undefined {
    if (this.#at === this.#text.length) return undefined;
    TAG.lastIndex = this.#at;
    const tag = TAG.exec(this.#text)?.[0];
    if (tag === undefined)
      throw this.#wrong(
        this.#text.includes('>', this.#at)
          ? 'plain elements, without attributes'
          : 'a list that is ended: the file may be cut off',
      );
    this.#advance(tag);
    return tag;
  }

  #advance(text: string): void {
    this.#at += text.length;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#line += 1;
  }

  #unescaped(text: string): string {
    return text.replace(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w+));?/g, (whole, decimal, hex, name) => {
      const point = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined;
      const found =
        point === undefined ? ENTITIES[name] : point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
      if (found === undefined || !whole.endsWith(';')) throw this.#wrong('entities of XML');
      return found;
    });
  }

  #wrong(rule: string): Damaged {
    return new Damaged(this.#file.name, this.#line, rule);
  }
}
