import { Damaged } from '../load/failures.ts';
import { type LineOptions, linesOf } from '../load/lines.ts';
import type { InputFile, Meter } from '../load/types.ts';

export interface CsvRecord {
  /** Where it begins. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface CsvOptions extends LineOptions {
  readonly separator?: ',' | '\t';
}

/** Lines that one record may go over. */
const MAX_LINES = 1_000;

/** Records of a CSV file (RFC 4180), in pieces. Throws Damaged for a quote that is never closed and for text behind a closed one. */
export async function* recordsOf(
  file: InputFile,
  meter: Meter,
  { separator = ',', ...options }: CsvOptions = {},
): AsyncGenerator<readonly CsvRecord[]> {
  let open = '';
  let openLine = 0;
  let openCount = 0;
  for await (const { first, lines } of linesOf(file, meter, options)) {
    const records: CsvRecord[] = [];
    for (const [index, line] of lines.entries()) {
      const text = openCount > 0 ? `${open}\n${line}` : line;
      const start = openCount > 0 ? openLine : first + index;
      const fields = fieldsOf(text, separator);
      if (fields === 'open') {
        [open, openLine, openCount] = [text, start, openCount + 1];
        if (openCount > MAX_LINES) throw new Damaged(file.name, start, 'quotes that are closed');
        continue;
      }
      if (fields === 'wrong')
        throw new Damaged(file.name, start, 'nothing between a closing quote and the next separator');
      openCount = 0;
      records.push({ line: start, fields });
    }
    yield records;
  }
  if (openCount > 0)
    throw new Damaged(file.name, openLine, 'quotes that are closed: the file may be cut off');
}

function fieldsOf(text: string, separator: string): readonly string[] | 'open' | 'wrong' {
  if (!text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  for (let at = 0; ; ) {
    if (text[at] !== '"') {
      const end = text.indexOf(separator, at);
      fields.push(end === -1 ? text.slice(at) : text.slice(at, end));
      if (end === -1) return fields;
      at = end + 1;
      continue;
    }
    const end = closingQuote(text, at + 1);
    if (end === -1) return 'open';
    fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 === text.length) return fields;
    if (text[end + 1] !== separator) return 'wrong';
    at = end + 2;
  }
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

/** Gives the fields of records by the names of the first one. */
export class Columns {
  readonly #at: ReadonlyMap<string, number>;
  readonly count: number;

  /** Throws Damaged when a column that is needed is missing, one is there twice, or, where only these are known, another one is there. */
  constructor(
    file: InputFile,
    { line, fields }: CsvRecord,
    { needed, optional }: { readonly needed: readonly string[]; readonly optional?: readonly string[] },
  ) {
    const names = fields.map((name) => name.trim());
    this.#at = new Map(names.map((name, at) => [name, at]));
    this.count = names.length;
    const missing = needed.filter((name) => !this.#at.has(name));
    if (missing.length > 0) throw new Damaged(file.name, line, `a column ${missing.join(', ')}`);
    if (this.#at.size !== names.length) throw new Damaged(file.name, line, 'each column once');
    const other = optional && names.find((name) => !needed.includes(name) && !optional.includes(name));
    if (other !== undefined)
      throw new Damaged(file.name, line, `only the columns ${[...needed, ...(optional ?? [])].join(', ')}`);
  }

  /** Empty where there is nothing. */
  get({ fields }: CsvRecord, name: string): string {
    const at = this.#at.get(name);
    return at === undefined ? '' : (fields[at] ?? '').trim();
  }
}
