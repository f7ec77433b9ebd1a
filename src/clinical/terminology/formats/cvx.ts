import { Damaged, invalidTerminology } from '../load/failures.ts';
import { linesOf } from '../load/lines.ts';
import type { InputFile, LoadedConcept, LoadedProperty, Meter, Place, Rows, Target } from '../load/types.ts';
import { readNdcLinks, type VaccineNdcFiles, vaccineNdcFiles, vaccineNdcMap } from './cvx-ndc.ts';
import { baseOf, type Format, fileLike, type Given, versionOf } from './format.ts';
import { systems } from './systems.ts';
import { recordsOfXml, type XmlRecord } from './xml.ts';

/**
 * Vaccine codes of CDC (IIS code sets): CVX (`cvx.xml` or `cvx.txt`), their groups (`vac2vg.xml`), manufacturers (MVX, `mvx.xml`), and NDCs of vaccines (`NDC_Unit_sale.txt`, `NDC_Unit_use.txt`,
 * `NDC_Linker.txt`). CDC gives no versions: the newest date in a file is its version.
 */
export const cvx: Format = {
  name: 'cvx',
  text: 'vaccine codes of CDC (cvx.xml or cvx.txt; mvx.xml, vac2vg.xml, NDC_Unit_sale.txt, NDC_Unit_use.txt, NDC_Linker.txt where they are there)',
  revision: 1,
  async open(given) {
    const parts: Part[] = [];
    const file = fileLike(given, /^cvx\.(xml|txt)$/i, 'cvx.xml or cvx.txt');
    const groups = fileLike(given, /^vac2vg\.xml$/i, 'vac2vg.xml');
    if (file) parts.push(await cvxPart(file, groups, given));
    const manufacturers = fileLike(given, /^mvx\.xml$/i, 'mvx.xml');
    if (manufacturers) parts.push(await mvxPart(manufacturers, given));
    const links = vaccineNdcFiles(given);
    if (links) parts.push(await ndcPart(links, given));
    const [first] = parts;
    if (!first)
      throw invalidTerminology(
        given.files[0]?.name ?? '',
        'cvx.xml, cvx.txt, mvx.xml or NDC_Unit_*.txt is among them',
      );
    return {
      targets: parts.map(({ target }) => target),
      async *read(rows) {
        for (const [target, part] of parts.entries()) {
          part.put(rows, target);
          yield;
        }
      },
      checks: { mustHaveDisplay: true, place: first.place },
    };
  },
};

interface Part {
  readonly target: Target;
  readonly place: Place;
  put(rows: Rows, target: number): void;
}

/** One vaccine or manufacturer, as the files name its parts. */
interface Entry {
  readonly line: number;
  get(name: string): string;
}

async function cvxPart(file: InputFile, groups: InputFile | undefined, given: Given): Promise<Part> {
  const entries = /\.xml$/i.test(baseOf(file))
    ? (await recordsOfXml(file, given.meter, 'CVXInfo')).map(byElement)
    : await cvxLines(file, given.meter);
  const groupsOf = groups ? await groupsByCode(groups, given.meter) : new Map<string, ReadonlySet<string>>();
  const codes = new Set(entries.map((entry) => entry.get('CVXCode')));
  const version = versionOf(given, newest(file, entries, 'LastUpdated'));
  return {
    target: codeSystem({ url: systems.cvx, name: 'CVX', title: 'CVX, vaccines administered', version }),
    place: { file: file.name },
    put(rows, target) {
      for (const entry of entries) {
        const place = { file: file.name, line: entry.line };
        const inGroups = [...(groupsOf.get(entry.get('CVXCode')) ?? [])].filter((code) => codes.has(code));
        rows.concept(target, vaccine(entry, inGroups, place), place);
      }
    },
  };
}

const STATUSES = ['Active', 'Inactive', 'Never Active', 'Pending', 'Non-US'];

function vaccine(entry: Entry, groups: readonly string[], place: Place): LoadedConcept {
  const [code, status] = [entry.get('CVXCode'), entry.get('Status')];
  const [display, full, notes] = [
    entry.get('ShortDescription'),
    entry.get('FullVaccinename'),
    entry.get('Notes'),
  ];
  if (!/^\d{2,4}$/.test(code) || display === '' || !STATUSES.includes(status))
    throw new Damaged(
      place.file,
      place.line,
      `a CVX code, a description and a status of ${STATUSES.join(', ')}`,
    );
  return {
    ...{ code, display, isActive: status !== 'Inactive' && status !== 'Never Active' },
    ...(notes === '' ? {} : { definition: notes }),
    ...(full === '' || full === display ? {} : { designations: [{ language: 'en', value: full }] }),
    properties: [
      { name: 'status', type: 'string', value: status },
      ...groups.map((value): LoadedProperty => ({ name: 'vaccineGroup', type: 'concept', value })),
    ],
  };
}

async function mvxPart(file: InputFile, given: Given): Promise<Part> {
  const entries = (await recordsOfXml(file, given.meter, 'MVXInfo')).map((one) => byPair(file, one));
  const version = versionOf(given, newest(file, entries, 'Last Updated'));
  return {
    target: codeSystem({ url: systems.mvx, name: 'MVX', title: 'MVX, manufacturers of vaccines', version }),
    place: { file: file.name },
    put(rows, target) {
      for (const entry of entries) {
        const place = { file: file.name, line: entry.line };
        const [code, display, status] = [
          entry.get('MVX_CODE'),
          entry.get('Manufacturer Name'),
          entry.get('Status'),
        ];
        if (!/^[A-Z]{2,3}$/.test(code) || display === '' || !STATUSES.includes(status))
          throw new Damaged(file.name, entry.line, 'an MVX code, a name and a status');
        const notes = entry.get('Notes');
        rows.concept(
          target,
          {
            ...{ code, display, isActive: status === 'Active' },
            ...(notes === '' ? {} : { definition: notes }),
            properties: [{ name: 'status', type: 'string', value: status }],
          },
          place,
        );
      }
    },
  };
}

async function ndcPart(files: VaccineNdcFiles, given: Given): Promise<Part> {
  const { links, newestDate } = await readNdcLinks(files, given.meter);
  return {
    target: vaccineNdcMap(versionOf(given, newestDate)),
    place: { file: files.place },
    put(rows, target) {
      for (const link of links) rows.map(target, link);
    },
  };
}

interface About {
  readonly url: string;
  readonly name: string;
  readonly title: string;
  readonly version: string;
}

const codeSystem = ({ url, version, name, title }: About): Target => ({
  ...{ kind: 'code-system', url, version },
  header: {
    ...{ name, title, status: 'active', isCaseSensitive: false, content: 'complete' },
    properties: [
      { code: 'status', type: 'string' },
      { code: 'inactive', uri: 'http://hl7.org/fhir/concept-properties#inactive', type: 'boolean' },
      ...(name === 'CVX' ? [{ code: 'vaccineGroup', type: 'code' }] : []),
    ],
  },
});

const byElement = ({ line, elements }: XmlRecord): Entry => ({
  line,
  get: (name) => elements.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1] ?? '',
});

/** CDC's other form: `<Name>` and `<Value>` in turn. */
function byPair(file: InputFile, { line, elements }: XmlRecord): Entry {
  const pairs = new Map<string, string>();
  for (let at = 0; at < elements.length; at += 2) {
    const [name, value] = [elements[at], elements[at + 1]];
    if (name?.[0] !== 'Name' || value?.[0] !== 'Value')
      throw new Damaged(file.name, line, 'Name and Value in turn');
    pairs.set(name[1], value[1]);
  }
  return { line, get: (name) => pairs.get(name) ?? '' };
}

/** `cvx.txt`: code, short description, full name, notes, status, non-vaccine, date of update, parted by `|`. */
async function cvxLines(file: InputFile, meter: Meter): Promise<Entry[]> {
  const names = [
    'CVXCode',
    'ShortDescription',
    'FullVaccinename',
    'Notes',
    'Status',
    'nonvaccine',
    'LastUpdated',
  ];
  const entries: Entry[] = [];
  for await (const { first, lines } of linesOf(file, meter, { mustEndLine: true })) {
    for (const [index, line] of lines.entries()) {
      const fields = line.split('|').map((field) => field.trim());
      if (fields.length !== names.length && fields.length !== names.length + 1)
        throw new Damaged(file.name, first + index, `${names.length} fields parted by |`);
      entries.push({ line: first + index, get: (name) => fields[names.indexOf(name)] ?? '' });
    }
  }
  return entries;
}

async function groupsByCode(file: InputFile, meter: Meter): Promise<Map<string, ReadonlySet<string>>> {
  const groups = new Map<string, Set<string>>();
  for (const record of await recordsOfXml(file, meter, 'CVXVGInfo')) {
    const entry = byPair(file, record);
    const code = entry.get('CVXCode');
    groups.set(code, (groups.get(code) ?? new Set()).add(entry.get('CVX for Vaccine Group')));
  }
  return groups;
}

/** The newest date that stands in the file, as 2025-07-16. */
function newest(file: InputFile, entries: readonly Entry[], name: string): string {
  const dates = entries.map((entry) => isoDate(entry.get(name))).sort();
  const last = dates.at(-1);
  if (last === undefined || last === '') throw new Damaged(file.name, undefined, `dates in ${name}`);
  return last;
}

/** From `7/14/2011` or `2011/07/14`; empty for what is none. */
function isoDate(text: string): string {
  const [, year, month = '', day = ''] =
    /^(\d{4})\/(\d{1,2})\/(\d{1,2})/.exec(text) ??
    text.replace(/^(\d{1,2})\/(\d{1,2})\/(\d{4}).*$/, '$3/$1/$2').match(/^(\d{4})\/(\d{1,2})\/(\d{1,2})$/) ??
    [];
  return year === undefined ? '' : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
