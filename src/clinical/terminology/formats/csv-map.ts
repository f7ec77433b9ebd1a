import type { Equivalence, MapRow } from '../../../standards/terminology/index.ts';
import { invalidTerminology } from '../load/failures.ts';
import type { InputFile, Place, Rows } from '../load/types.ts';
import { Columns, type CsvRecord, recordsOf } from './csv.ts';
import { type Format, type Given, theFile, versionOf } from './format.ts';

const NEEDED = ['source_system', 'source_code', 'target_system', 'target_code', 'equivalence'] as const;
const OPTIONAL = ['source_display', 'target_display', 'comment'] as const;

const EQUIVALENCES: readonly Equivalence[] = [
  ...(['relatedto', 'equivalent', 'equal', 'wider', 'subsumes'] as const),
  ...(['narrower', 'specializes', 'inexact', 'unmatched', 'disjoint'] as const),
];

/** A site's own codes: a CSV file with a line of column names. */
export const csvMap: Format = {
  name: 'csv-map',
  text: `a map of local codes as CSV with the columns ${[...NEEDED, ...OPTIONAL].join(', ')}; needs --url and --release`,
  revision: 1,
  async open(given) {
    const file = theFile(given, /\.(csv|txt)$/i, 'one .csv file');
    const { url, encoding } = given.options;
    // A canonical has its version behind a bar (R4 references.html#canonical).
    if (url !== undefined && !/^[a-z][a-z0-9+.-]*:[^\s|#]+$/i.test(url))
      throw invalidTerminology('--url', 'an absolute URI without | and #');
    if (url === undefined) throw invalidTerminology(file.name, 'a canonical for the map, with --url');
    return {
      targets: [
        {
          ...{ kind: 'concept-map', url, version: versionOf(given, undefined) },
          header: { name: nameOf(url), status: 'active', isOneWay: false },
        },
      ],
      read: (rows) => readMap({ file, given, rows, ...(encoding ? { encoding } : {}) }),
      checks: { place: { file: file.name } },
    };
  },
};

/** The last piece of the canonical as a name (R4: letters, digits and _). */
const nameOf = (url: string): string => {
  const tail = url.split(/[/:#]/).filter(Boolean).at(-1) ?? 'map';
  const name = tail.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z]/.test(name) ? name : `map_${name}`;
};

interface Source {
  readonly file: InputFile;
  readonly given: Given;
  readonly rows: Rows;
  readonly encoding?: 'utf-8' | 'windows-1252';
}

async function* readMap({ file, given, rows, encoding = 'utf-8' }: Source): AsyncGenerator<void> {
  let columns: Columns | undefined;
  for await (const records of recordsOf(file, given.meter, { encoding })) {
    for (const record of records) {
      if (record.fields.length === 1 && record.fields[0]?.trim() === '') continue;
      if (!columns) {
        columns = new Columns(file, record, { needed: NEEDED, optional: OPTIONAL });
        continue;
      }
      const place = { file: file.name, line: record.line };
      if (record.fields.length !== columns.count) {
        rows.error(place, `${columns.count} columns; there are ${record.fields.length}`);
        continue;
      }
      const row = rowOf(record, columns, { rows, place });
      if (row) rows.map(0, row);
    }
    yield;
  }
}

function rowOf(
  record: CsvRecord,
  columns: Columns,
  { rows, place }: { readonly rows: Rows; readonly place: Place },
): MapRow | undefined {
  const get = (name: string) => columns.get(record, name);
  const said = get('equivalence');
  const equivalence = EQUIVALENCES.find((one) => one === said);
  const [code, system] = [get('source_code'), get('source_system')];
  const [targetCode, targetSystem] = [get('target_code'), get('target_system')];
  const isNone = targetCode === '';
  const wrong =
    equivalence === undefined
      ? `equivalence is one of ${EQUIVALENCES.join(', ')}`
      : code === '' || system === ''
        ? 'source_system and source_code are filled'
        : !isNone && targetSystem === ''
          ? 'target_system is filled'
          : isNone !== (equivalence === 'unmatched')
            ? 'target_code is empty where equivalence is unmatched, and only there'
            : undefined;
  if (wrong !== undefined || equivalence === undefined) {
    rows.error(place, wrong ?? '');
    return undefined;
  }
  return {
    source: { system, code, ...display(get('source_display')) },
    ...(isNone
      ? {}
      : { target: { system: targetSystem, code: targetCode, ...display(get('target_display')) } }),
    equivalence,
    ...(get('comment') === '' ? {} : { comment: get('comment') }),
  };
}

const display = (text: string) => (text === '' ? {} : { display: text });
