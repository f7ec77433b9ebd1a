import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { corporaFolder } from '../corpora.ts';
import { parseXml, type XmlNode } from '../fhir-xml.ts';

export interface PublishedSystem {
  readonly url: string;
  readonly codes: readonly string[];
}

/** The code systems of HL7 Terminology (THO), as its source of truth has them. */
export async function publishedSystems(): Promise<readonly PublishedSystem[]> {
  const texts: string[] = [];
  await list({
    file: join(corporaFolder(), 'term-hl7-v2-tables', 'hl7-terminology-tho.tar.gz'),
    filter: (path) => path.includes('/codeSystems/'),
    onReadEntry(entry) {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => texts.push(Buffer.concat(chunks).toString().replaceAll('&#x2026;', '\u2026')));
    },
  });
  return texts.map(systemOf);
}

function systemOf(text: string): PublishedSystem {
  const [root] = parseXml(text).children.filter(({ name }) => name === 'CodeSystem');
  return { url: valueIn(root!, 'url') ?? '', codes: codesOf(root!) };
}

const codesOf = (of: XmlNode): string[] =>
  of.children
    .filter(({ name }) => name === 'concept')
    .flatMap((concept) => [valueIn(concept, 'code') ?? '', ...codesOf(concept)]);

const valueIn = (of: XmlNode, name: string): string | undefined =>
  of.children.find((child) => child.name === name)?.attributes.value;

export interface MappedCode {
  readonly sheet: string;
  /** Table and code of HL7 v2; the table is empty where the sheet names none. */
  readonly source: { readonly table: string; readonly code: string };
  readonly target: { readonly system: string; readonly code: string };
}

/** Every row of the code system maps of the v2-to-FHIR guide. */
export function mappedCodes(): readonly MappedCode[] {
  const folder = join(corporaFolder(), 'v2-to-fhir-ig', 'mappings', 'codesystems');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .flatMap((name) =>
      rowsOf(
        name.replace(/^HL7 Concept Map_ | - Sheet1\.csv$/g, ''),
        readFileSync(join(folder, name), 'utf8'),
      ),
    );
}

function rowsOf(sheet: string, text: string): MappedCode[] {
  const rows = csvRows(text);
  const at = rows.findIndex(([first]) => first === 'Code');
  const head = rows[at] ?? [];
  const [code, system] = [head.indexOf('Code', 3), head.indexOf('Code System', 4)];
  return rows.slice(at + 1).map((row) => ({
    sheet,
    source: { table: /^HL7(\d{4})$/.exec(row[2] ?? '')?.[1] ?? '', code: row[0] ?? '' },
    target: { system: row[system] ?? '', code: row[code] ?? '' },
  }));
}

/** RFC 4180, trimmed. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, separator, quoted, plain] of text
    .replaceAll('\r', '')
    .matchAll(/(^|,|\n)(?:"((?:[^"]|"")*)"|([^,\n]*))/g)) {
    if (separator === '\n') rows.push([]);
    rows.at(-1)!.push((quoted?.replaceAll('""', '"') ?? plain ?? '').trim());
  }
  return rows;
}
