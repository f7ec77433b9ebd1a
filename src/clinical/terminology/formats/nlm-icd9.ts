import { Damaged, invalidTerminology } from '../load/failures.ts';
import { linesOf } from '../load/lines.ts';
import type { InputFile, Meter, Place, Rows } from '../load/types.ts';
import { baseOf, type Format, filesLike, versionOf } from './format.ts';
import { icd9cm } from './icd.ts';
import { isSctId } from './rf2.ts';
import { maps, systems } from './systems.ts';

const NEEDED = ['ICD_CODE', 'ICD_NAME', 'SNOMED_CID', 'SNOMED_FSN', 'IS_1-1MAP'] as const;

/**
 * NLM's map from ICD-9-CM diagnoses to SNOMED CT: `ICD9CM_SNOMED_MAP_1TO1_*.txt` and `_1TOM_*.txt`, columns parted by tabs, with their names in the first line. A code that has one target is
 * the same as it; of one that has several, each is narrower and a person has to choose.
 */
export const nlmIcd9: Format = {
  name: 'nlm-icd9-snomed',
  text: "NLM's ICD-9-CM to SNOMED CT map (ICD9CM_SNOMED_MAP_1TO1_*.txt, ICD9CM_SNOMED_MAP_1TOM_*.txt)",
  revision: 1,
  async open(given) {
    const files = filesLike(given, /^ICD9CM_SNOMED_MAP_1TO[1M].*\.txt$/i);
    const [first] = files;
    if (!first)
      throw invalidTerminology(
        given.files[0]?.name ?? '',
        'a file ICD9CM_SNOMED_MAP_1TO1_*.txt is among them',
      );
    const encoding = given.options.encoding ?? 'utf-8';
    return {
      targets: [
        {
          ...{ kind: 'concept-map', url: maps.nlmIcd9ToSnomed },
          version: versionOf(given, /_(\d{6})\.txt$/i.exec(baseOf(first))?.[1]),
          header: {
            ...{ name: 'NLM_ICD9CM_SNOMED', title: 'ICD-9-CM diagnoses to SNOMED CT, of NLM' },
            ...{ status: 'active', isOneWay: true },
            groups: [{ source: systems.icd9cm, target: systems.snomed }],
          },
        },
      ],
      async *read(rows) {
        for (const file of files) yield* readMap(file, given.meter, { rows, encoding });
      },
      checks: { place: { file: first.name } },
    };
  },
};

async function* readMap(
  file: InputFile,
  meter: Meter,
  { rows, encoding }: { readonly rows: Rows; readonly encoding: 'utf-8' | 'windows-1252' },
): AsyncGenerator<void> {
  let names: readonly string[] = [];
  for await (const { first, lines } of linesOf(file, meter, { encoding })) {
    for (const [index, line] of lines.entries()) {
      const place = { file: file.name, line: first + index };
      const fields = line.split('\t');
      if (place.line === 1) names = columnsOf(file, fields);
      else if (fields.length !== names.length)
        rows.error(place, `${names.length} columns; there are ${fields.length}`);
      else put((name) => fields[names.indexOf(name)]?.trim() ?? '', rows, place);
    }
    yield;
  }
}

function columnsOf(file: InputFile, fields: readonly string[]): readonly string[] {
  const names = fields.map((name) => name.trim());
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Damaged(file.name, 1, `a column ${missing.join(', ')}, parted by tabs`);
  return names;
}

type Get = (name: (typeof NEEDED)[number]) => string;

function put(get: Get, rows: Rows, place: Place): void {
  const code = icd9cm(get('ICD_CODE'));
  const [concept, kind] = [get('SNOMED_CID'), get('IS_1-1MAP')];
  const isNone = concept === '' || concept === 'NULL';
  if (code === undefined || (!isNone && !isSctId(concept)) || !/^[YN]$/.test(kind)) {
    rows.error(place, 'a code of ICD-9-CM, a concept of SNOMED CT or none, and Y or N for IS_1-1MAP');
    return;
  }
  const [name, fsn] = [get('ICD_NAME'), get('SNOMED_FSN')];
  rows.map(0, {
    source: { system: systems.icd9cm, code, ...(name === '' ? {} : { display: name }) },
    ...(isNone
      ? {}
      : { target: { system: systems.snomed, code: concept, ...(fsn === '' ? {} : { display: fsn }) } }),
    equivalence: isNone ? 'unmatched' : kind === 'Y' ? 'equivalent' : 'narrower',
  });
}
