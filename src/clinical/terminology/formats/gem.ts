import type { GemFlags, MapRow } from '../../../standards/terminology/index.ts';
import { Damaged, invalidTerminology } from '../load/failures.ts';
import { linesOf } from '../load/lines.ts';
import type { InputFile, Meter, Place, Reading, Rows, Target } from '../load/types.ts';
import { baseOf, type Format, filesLike, type Given, versionOf } from './format.ts';
import { icd9cm, icd10cm } from './icd.ts';
import { maps, systems } from './systems.ts';

type Direction = '9to10' | '10to9';

/**
 * CMS General Equivalence Mappings of diagnoses: `2018_I9gem.txt`, `2018_I10gem.txt`; source, target and five flags in columns, codes without dots (Diagnosis Code Set General Equivalence
 * Mappings, Documentation for Technical Users). The two directions are not each other's inverse, so each is a map of its own.
 */
export const gem: Format = {
  name: 'gem',
  text: 'CMS General Equivalence Mappings ICD-9-CM, ICD-10-CM (*_I9gem.txt, *_I10gem.txt)',
  revision: 1,
  async open(given) {
    const files = filesLike(given, /gem.*\.txt$/i);
    if (files.length === 0)
      throw invalidTerminology(given.files[0]?.name ?? '', 'a file *gem*.txt is among them');
    const found: Found[] = [];
    for (const file of files) found.push({ file, direction: await directionOf(file, given) });
    const same = found.find(
      ({ direction }, at) => found.findIndex((one) => one.direction === direction) !== at,
    );
    if (same) throw invalidTerminology(same.file.name, 'one file for each direction');
    return readingOf(given, found);
  },
};

interface Found {
  readonly file: InputFile;
  readonly direction: Direction;
}

function readingOf(given: Given, found: readonly Found[]): Reading {
  return {
    targets: found.map(({ file, direction }) => targetOf(direction, versionOf(given, yearOf(file)))),
    async *read(rows) {
      for (const [target, { file, direction }] of found.entries())
        yield* readGem({ file, direction, target, rows, meter: given.meter });
    },
    checks: { place: { file: found[0]?.file.name ?? '' } },
  };
}

const yearOf = (file: InputFile): string | undefined => /(?<!\d)(20\d\d)(?!\d)/.exec(baseOf(file))?.[1];

function targetOf(direction: Direction, version: string): Target {
  const [source, target] =
    direction === '9to10' ? [systems.icd9cm, systems.icd10cm] : [systems.icd10cm, systems.icd9cm];
  return {
    kind: 'concept-map',
    url: direction === '9to10' ? maps.gem9to10 : maps.gem10to9,
    version,
    header: {
      name: direction === '9to10' ? 'GEM_ICD9CM_ICD10CM' : 'GEM_ICD10CM_ICD9CM',
      title: `CMS General Equivalence Mapping, ${direction === '9to10' ? 'ICD-9-CM to ICD-10-CM' : 'ICD-10-CM to ICD-9-CM'}`,
      status: 'active',
      isOneWay: true,
      groups: [{ source, target }],
    },
  };
}

/** By the codes of the first row: of ICD-9-CM those of diagnoses begin with a digit, E or V, and only the first row's are looked at. */
async function directionOf(file: InputFile, { meter }: Given): Promise<Direction> {
  for await (const { lines } of linesOf(file, meter)) {
    const row = LINE.exec(lines[0] ?? '');
    const [, source = '', target = ''] = row ?? [];
    if (/^\d{3,5}$/.test(source) && (icd10cm(target) !== undefined || NONE.test(target))) return '9to10';
    if (icd10cm(source) !== undefined && (/^\d{3,5}$/.test(target) || NONE.test(target))) return '10to9';
    break;
  }
  throw new Damaged(
    file.name,
    1,
    'a source code, a target code and five flags, of diagnoses of ICD-9-CM and ICD-10-CM',
  );
}

const LINE = /^([A-Za-z0-9]{3,7}) +([A-Za-z0-9]{3,7}) +([01])([01])([01])(\d)(\d) *$/;
const NONE = /^No(?:Dx|DX)$/;

interface Source {
  readonly file: InputFile;
  readonly direction: Direction;
  readonly target: number;
  readonly rows: Rows;
  readonly meter: Meter;
}

async function* readGem(of: Source): AsyncGenerator<void> {
  const { file, rows, meter } = of;
  let group: GemRow[] = [];
  const seen = new Set<string>();
  for await (const { first, lines } of linesOf(file, meter, { mustEndLine: true })) {
    for (const [index, line] of lines.entries()) {
      const place = { file: file.name, line: first + index };
      const row = parse(line, of, place);
      if (!row) continue;
      if (group[0] && group[0].source !== row.source) {
        put(group, of);
        group = [];
      }
      if (group.length === 0) {
        if (seen.has(row.source)) rows.error(place, `the rows of ${row.source} stand together`);
        seen.add(row.source);
      }
      group.push(row);
    }
    yield;
  }
  put(group, of);
}

interface GemRow {
  readonly source: string;
  readonly target: string | undefined;
  readonly flags: GemFlags;
}

function parse(line: string, { direction, rows }: Source, place: Place): GemRow | undefined {
  const found = LINE.exec(line);
  if (!found) {
    rows.error(place, 'a source code, a target code and five flags');
    return undefined;
  }
  const [, from = '', to = '', approximate, noMap, combination, scenario, choice] = found;
  const [sourceOf, targetOf] = direction === '9to10' ? [icd9cm, icd10cm] : [icd10cm, icd9cm];
  // CMS writes one code of 2018 with a small letter.
  const source = sourceOf(from.toUpperCase());
  const isNone = NONE.test(to);
  const target = isNone ? undefined : targetOf(to.toUpperCase());
  const flags = {
    isApproximate: approximate === '1',
    isNoMap: noMap === '1',
    isCombination: combination === '1',
    scenario: Number(scenario),
    choiceList: Number(choice),
  };
  const wrong =
    source === undefined || (!isNone && target === undefined)
      ? 'codes of ICD-9-CM and ICD-10-CM diagnoses'
      : wrongFlags(flags, isNone);
  if (wrong !== undefined || source === undefined) {
    rows.error(place, wrong ?? '');
    return undefined;
  }
  return { source, target, flags };
}

function wrongFlags(
  { isNoMap, isCombination, scenario, choiceList }: GemFlags,
  isNone: boolean,
): string | undefined {
  if (isNoMap !== isNone) return 'the flag no map stands with NoDx, and only there';
  if (isCombination !== scenario > 0 || isCombination !== choiceList > 0)
    return 'scenario and choice list stand with the flag combination, and only there';
  return undefined;
}

/** All rows of one source code: only a target that is the only one and not approximate is the same. */
function put(group: readonly GemRow[], { direction, target: map, rows }: Source): void {
  const [from, to] =
    direction === '9to10' ? [systems.icd9cm, systems.icd10cm] : [systems.icd10cm, systems.icd9cm];
  for (const { source, target, flags } of group) {
    const isSame = group.length === 1 && !flags.isApproximate;
    const row: MapRow = {
      source: { system: from, code: source },
      equivalence: target === undefined ? 'unmatched' : isSame ? 'equivalent' : 'inexact',
      ...(target === undefined ? {} : { target: { system: to, code: target } }),
      gem: flags,
    };
    rows.map(map, row);
  }
}
