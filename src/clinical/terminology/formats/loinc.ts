import type { Equivalence } from '../../../standards/terminology/index.ts';
import { Damaged } from '../load/failures.ts';
import type { InputFile, LoadedConcept, LoadedProperty, Reading, Rows, Target } from '../load/types.ts';
import { Columns, type CsvRecord, recordsOf } from './csv.ts';
import { type Format, fileLike, type Given, theFile, versionOf, withoutFolder } from './format.ts';
import { maps, systems } from './systems.ts';

/** Columns of Loinc.csv that are properties, as R4's page on LOINC names them. */
const PROPERTIES = [
  ...['STATUS', 'COMPONENT', 'PROPERTY', 'TIME_ASPCT', 'SYSTEM', 'SCALE_TYP', 'METHOD_TYP'],
  ...['CLASS', 'CLASSTYPE', 'ORDER_OBS', 'EXAMPLE_UCUM_UNITS'],
] as const;
const NEEDED = ['LOINC_NUM', ...PROPERTIES.slice(0, 8), 'SHORTNAME', 'LONG_COMMON_NAME'];
const NAMES = ['SHORTNAME', 'DisplayName', 'CONSUMER_NAME'] as const;
const STATUSES = ['ACTIVE', 'TRIAL', 'DISCOURAGED', 'DEPRECATED'];

/** LOINC as Regenstrief publishes it: Loinc.csv of the LOINC table, and MapTo.csv, which says what a deprecated term was replaced by. */
export const loinc: Format = {
  name: 'loinc',
  text: 'LOINC (Loinc.csv, and MapTo.csv where it is there; the folder or .zip of the release)',
  revision: 1,
  async open(all) {
    // The release has a shorter table once more, with the same MapTo.csv.
    const given = withoutFolder(all, /(^|\/)LoincTableCore\//i);
    const table = theFile(given, /^Loinc\.csv$/i, 'Loinc.csv');
    const mapTo = fileLike(given, /^MapTo\.csv$/i, 'MapTo.csv');
    const version = versionOf(given, /Loinc_(\d+\.\d+)/i.exec(table.name)?.[1]);
    return readingOf({ table, mapTo, version, given });
  },
};

interface Files {
  readonly table: InputFile;
  readonly mapTo: InputFile | undefined;
  readonly version: string;
  readonly given: Given;
}

const readingOf = (files: Files): Reading => ({
  targets: [codeSystem(files.version), ...(files.mapTo ? [map(files.version)] : [])],
  async *read(rows) {
    yield* readTable(files, rows);
    if (files.mapTo) yield* readMapTo(files.mapTo, files.given, rows);
  },
  checks: { mustHaveDisplay: true, place: { file: files.table.name } },
});

const codeSystem = (version: string): Target => ({
  kind: 'code-system',
  url: systems.loinc,
  version,
  header: {
    ...{ name: 'LOINC', title: 'LOINC', status: 'active', isCaseSensitive: false, content: 'complete' },
    valueSet: 'http://loinc.org/vs',
    properties: [
      ...PROPERTIES.map((code) => ({ code, uri: `http://loinc.org/property/${code}`, type: 'string' })),
      { code: 'MAP_TO', uri: 'http://loinc.org/property/MAP_TO', type: 'code' },
    ],
  },
});

const map = (version: string): Target => ({
  kind: 'concept-map',
  url: maps.loincMapTo,
  version,
  header: {
    ...{
      name: 'LOINC_MAP_TO',
      title: 'LOINC terms and those that replace them',
      status: 'active',
      isOneWay: true,
    },
    groups: [{ source: systems.loinc, target: systems.loinc }],
  },
});

async function* readTable({ table, given }: Files, rows: Rows): AsyncGenerator<void> {
  let columns: Columns | undefined;
  for await (const records of recordsOf(table, given.meter, { mustEndLine: true })) {
    for (const record of records) {
      if (!columns) {
        columns = new Columns(table, record, { needed: NEEDED });
        continue;
      }
      const place = { file: table.name, line: record.line };
      const [code, status] = [columns.get(record, 'LOINC_NUM'), columns.get(record, 'STATUS')];
      if (record.fields.length !== columns.count)
        rows.error(place, `${columns.count} columns; there are ${record.fields.length}`);
      else if (!/^\d{1,7}-\d$/.test(code) || !STATUSES.includes(status))
        rows.error(place, `a LOINC_NUM, and a STATUS of ${STATUSES.join(', ')}`);
      else rows.concept(0, conceptOf(record, columns), place);
    }
    yield;
  }
}

function conceptOf(record: CsvRecord, columns: Columns): LoadedConcept {
  const get = (name: string) => columns.get(record, name);
  const display = get('LONG_COMMON_NAME');
  return {
    code: get('LOINC_NUM'),
    isActive: get('STATUS') !== 'DEPRECATED',
    ...(display === '' ? {} : { display }),
    designations: NAMES.flatMap((name) => {
      const value = get(name);
      const use = { system: 'http://loinc.org/property', code: name };
      return value === '' || value === display ? [] : [{ language: 'en-US', use, value }];
    }),
    properties: PROPERTIES.flatMap((name): LoadedProperty[] => {
      const value = get(name);
      return value === '' ? [] : [{ name, type: 'string', value }];
    }),
  };
}

async function* readMapTo(file: InputFile, { meter }: Given, rows: Rows): AsyncGenerator<void> {
  let columns: Columns | undefined;
  for await (const records of recordsOf(file, meter, { mustEndLine: true })) {
    for (const record of records) {
      if (!columns) {
        columns = new Columns(file, record, { needed: ['LOINC', 'MAP_TO', 'COMMENT'] });
        continue;
      }
      const get = (name: string) => columns?.get(record, name) ?? '';
      const [code, target, comment] = [get('LOINC'), get('MAP_TO'), get('COMMENT')];
      if (
        record.fields.length !== columns.count ||
        !/^\d{1,7}-\d$/.test(code) ||
        !/^\d{1,7}-\d$/.test(target)
      )
        throw new Damaged(file.name, record.line, 'a term and the one it is mapped to');
      rows.property(0, code, { name: 'MAP_TO', type: 'concept', value: target });
      rows.map(1, {
        source: { system: systems.loinc, code },
        target: { system: systems.loinc, code: target },
        equivalence: 'relatedto' satisfies Equivalence,
        ...(comment === '' ? {} : { comment }),
      });
    }
    yield;
  }
}
