import { basename } from 'node:path';
import { corpusFiles } from '../../corpora.ts';
import { countRecords, parseCsv } from './csv.ts';
import { errata } from './errata.ts';

type Kind = 'messages' | 'segments' | 'datatypes' | 'codesystems';

/** One row of a map of the guide. */
export interface GuideRow {
  /** `PID[Patient]`, `ADT_A01` */
  readonly map: string;
  /** The record of the file, from 1; the first two are headings. */
  readonly line: number;
  /** `PID-5`, `ADT_A01.PID` */
  readonly identifier: string;
  /** Of a segment map: where it goes, after errata. */
  readonly attribute: string;
  readonly assignment: string;
  /** Of a message map: by which map of the segment. */
  readonly segmentMap: string;
}

export interface GuideFile {
  readonly kind: Kind;
  readonly map: string;
  /** Records in the file, counted by their line ends. */
  readonly records: number;
  readonly rows: readonly GuideRow[];
}

/** Some heading cells are damaged, so columns are known by their places, which are the same in all files of a kind. */
export const HEADINGS = 2;

/** Every file of the guide's mappings, every row of it. */
export function readGuide(): GuideFile[] {
  return corpusFiles('v2-to-fhir-ig').flatMap(({ path, bytes }) => {
    const [, kind] = /^mappings\/(messages|segments|datatypes|codesystems)\/[^/]*\.csv$/.exec(path) ?? [];
    return kind === undefined ? [] : [readFile(kind as Kind, basename(path), bytes.toString('utf8'))];
  });
}

function readFile(kind: Kind, file: string, text: string): GuideFile {
  const map = mapOf(file);
  const rows = parseCsv(text.replace(/^\uFEFF/, ''))
    .slice(HEADINGS)
    .map((cells, index): GuideRow => {
      const cell = (number: number) => (cells[number] ?? '').trim();
      const at = { map, line: HEADINGS + index + 1, identifier: cell(1) };
      if (kind === 'messages') return { ...at, attribute: '', assignment: '', segmentMap: cell(10) };
      const known = errata.find(
        (one) => one.map === map && one.line === at.line && one.attribute === cell(9),
      );
      return { ...at, attribute: known?.meant ?? cell(9), assignment: cell(16), segmentMap: '' };
    });
  return { kind, map, records: countRecords(text), rows };
}

/** `HL7 Segment - FHIR R4_ PID[Patient] - PID.csv` */
const mapOf = (file: string): string => /_ ?(.*?) ?- [^-]*\.csv$/.exec(file)?.[1] ?? file;
