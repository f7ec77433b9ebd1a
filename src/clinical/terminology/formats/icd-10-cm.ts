import { linesOf } from '../load/lines.ts';
import type { InputFile, LoadedConcept, Place, Rows, Target } from '../load/types.ts';
import { baseOf, type Format, fileLike, type Given, theFile, versionOf } from './format.ts';
import { icd10cm } from './icd.ts';
import { systems } from './systems.ts';

/**
 * ICD-10-CM as CDC and CMS publish it: the order file (`icd10cm_order_2026.txt`: number, code, header or valid, short and long description in columns), or the list of
 * valid codes (`icd10cm_codes_2026.txt`: code and description). In the order file a code is below the longest one before it that it begins with; a header is
 * not to be used.
 */
export const icd10cmFormat: Format = {
  name: 'icd-10-cm',
  text: 'ICD-10-CM of CDC or CMS (icd10cm_order_*.txt, else icd10cm_codes_*.txt)',
  revision: 1,
  async open(given) {
    const order = fileLike(given, /^icd10cm[-_]?order(?!.*addenda).*\.txt$/i, 'one order file');
    const file =
      order ??
      theFile(
        given,
        /^icd10cm[-_]?codes(?!.*addenda).*\.txt$/i,
        'icd10cm_order_*.txt or icd10cm_codes_*.txt',
      );
    return {
      targets: [targetOf(versionOf(given, /(20\d\d)/.exec(baseOf(file))?.[1]))],
      read: (rows) => (order ? readOrder(file, given, rows) : readCodes(file, given, rows)),
      checks: { place: { file: file.name }, mustHaveDisplay: true },
    };
  },
};

function targetOf(version: string): Target {
  return {
    kind: 'code-system',
    url: systems.icd10cm,
    version,
    header: {
      ...{
        name: 'ICD10CM',
        title: 'ICD-10-CM',
        status: 'active',
        isCaseSensitive: false,
        content: 'complete',
      },
      hierarchyMeaning: 'is-a',
      properties: [
        { code: 'order', type: 'integer' },
        {
          code: 'notSelectable',
          uri: 'http://hl7.org/fhir/concept-properties#notSelectable',
          type: 'boolean',
        },
      ],
    },
  };
}

const ORDER = /^(\d{5}) ([A-Z0-9]{3,7}) +([01]) (.{60}) (.+)$/;

async function* readOrder(file: InputFile, { meter, options }: Given, rows: Rows): AsyncGenerator<void> {
  let expected = 1;
  /** The codes above the last one, each beginning with the one before. */
  let above: string[] = [];
  for await (const { first, lines } of linesOf(file, meter, options)) {
    for (const [index, line] of lines.entries()) {
      const place = { file: file.name, line: first + index };
      const [, number = '', plain = '', kind, short = '', long = ''] = ORDER.exec(line) ?? [];
      const code = icd10cm(plain);
      if (code === undefined) {
        rows.error(place, 'a number, a code, 0 or 1, a short and a long description, in columns');
        continue;
      }
      if (Number(number) !== expected) rows.error(place, `the number ${expected}: rows are missing`);
      expected = Number(number) + 1;
      above = above.filter((one) => plain.startsWith(one));
      const parent = above.at(-1);
      rows.concept(
        0,
        conceptOf({ code, parent, number, short: short.trim(), long: long.trim(), isHeader: kind === '0' }),
        place,
      );
      above.push(plain);
    }
    yield;
  }
}

interface OrderRow {
  readonly code: string;
  readonly parent: string | undefined;
  readonly number: string;
  readonly short: string;
  readonly long: string;
  readonly isHeader: boolean;
}

function conceptOf({ code, parent, number, short, long, isHeader }: OrderRow): LoadedConcept {
  const above = parent === undefined ? undefined : icd10cm(parent);
  return {
    code,
    display: long,
    isAbstract: isHeader,
    ...(short === long
      ? {}
      : { designations: [{ value: short, use: { code: 'abbreviation', display: 'Abbreviated title' } }] }),
    ...(above === undefined ? {} : { parents: [above] }),
    properties: [{ name: 'order', type: 'integer', value: String(Number(number)) }],
  };
}

const CODE = /^([A-Z0-9]{3,7}) +(\S.*)$/;

async function* readCodes(file: InputFile, { meter, options }: Given, rows: Rows): AsyncGenerator<void> {
  for await (const { first, lines } of linesOf(file, meter, options)) {
    for (const [index, line] of lines.entries()) {
      const place: Place = { file: file.name, line: first + index };
      const [, plain = '', display = ''] = CODE.exec(line) ?? [];
      const code = icd10cm(plain);
      if (code === undefined) rows.error(place, 'a code and its description');
      else rows.concept(0, { code, display: display.trim() }, place);
    }
    yield;
  }
}
