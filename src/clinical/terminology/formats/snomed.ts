import type { Designation } from '../../../standards/terminology/index.ts';
import { invalidTerminology } from '../load/failures.ts';
import type { InputFile, Meter, Place, Reading, Rows, Target } from '../load/types.ts';
import { baseOf, type Format, fileLike, filesLike, type Given, theFile } from './format.ts';
import { IdNumbers } from './ids.ts';
import { COLUMNS, isSctId, type Rf2Row, rf2Rows } from './rf2.ts';
import { mapTarget, readSnomedMap, refsetsOf } from './snomed-map.ts';
import { systems } from './systems.ts';
import { Texts } from './texts.ts';

const FSN = '900000000000003001';
const SYNONYM = '900000000000013009';
const DEFINITION = '900000000000550004';
const PREFERRED = '900000000000548007';
const IS_A = '116680003';
const ROOT = '138875005';
/** Whose preferred terms are displays, the first that the files have: English of the US, of GB. */
const LANGUAGES = ['900000000000509007', '900000000000508004'];

/** Editions whose module can be told from the file's name (Release File Specifications, URI standard). */
const EDITIONS: Readonly<Record<string, string>> = { INT: '900000000000207008', US1000124: '731000124108' };

/**
 * SNOMED CT in Release Format 2, the snapshot of an edition: concepts, descriptions, text definitions, the hierarchy (is a), preferred terms, and the maps to ICD-10-CM and ICD-10 where
 * the edition has them. Delta and full files are passed over.
 */
export const snomed: Format = {
  name: 'snomed-rf2',
  text: 'SNOMED CT, the RF2 snapshot of an edition, with its map to ICD-10-CM (the folder or .zip of the release)',
  revision: 1,
  async open(given) {
    const files = filesOf(given);
    const version = given.options.version ?? versionIn(files.concepts);
    const refsets = files.map ? await refsetsOf(files.map, given.meter) : [];
    return {
      targets: [targetOf(version), ...refsets.map((refset) => mapTarget(refset, version))],
      read: (rows) => readAll({ files, meter: given.meter, rows, refsets }),
      checks: { mustHaveDisplay: true, root: ROOT, place: { file: files.concepts.name } },
    };
  },
};

interface Files {
  readonly concepts: InputFile;
  readonly descriptions: readonly InputFile[];
  readonly definitions: readonly InputFile[];
  readonly relationships: InputFile;
  readonly languages: readonly InputFile[];
  readonly map: InputFile | undefined;
}

function filesOf(given: Given): Files {
  const descriptions = filesLike(given, /^x?sct2_Description_Snapshot.*\.txt$/i);
  const [first] = descriptions;
  if (!first)
    throw invalidTerminology(
      given.files[0]?.name ?? '',
      'a file sct2_Description_Snapshot*.txt is among them',
    );
  return {
    concepts: theFile(given, /^x?sct2_Concept_Snapshot.*\.txt$/i, 'sct2_Concept_Snapshot*.txt'),
    descriptions,
    definitions: filesLike(given, /^x?sct2_TextDefinition_Snapshot.*\.txt$/i),
    relationships: theFile(
      given,
      /^x?sct2_Relationship_Snapshot.*\.txt$/i,
      'sct2_Relationship_Snapshot*.txt',
    ),
    languages: filesLike(given, /^x?der2_cRefset_LanguageSnapshot.*\.txt$/i),
    map: fileLike(given, /^x?der2_iisssccRefset_ExtendedMapSnapshot.*\.txt$/i, 'the extended map'),
  };
}

/** `http://snomed.info/sct/731000124108/version/20250901` */
function versionIn(file: InputFile): string {
  const [, edition = '', date] = /_([A-Z]{2,3}\d*)_(\d{8})\.txt$/.exec(baseOf(file)) ?? [];
  const module = EDITIONS[edition];
  if (module === undefined || date === undefined)
    throw invalidTerminology(
      file.name,
      `the edition: name it with --release ${systems.snomed}/<module>/version/<date>`,
    );
  return `${systems.snomed}/${module}/version/${date}`;
}

const FULL_NAME = { system: systems.snomed, code: FSN, display: 'Fully specified name' };
const OTHER_NAME = { system: systems.snomed, code: SYNONYM, display: 'Synonym' };

const targetOf = (version: string): Target => ({
  kind: 'code-system',
  url: systems.snomed,
  version,
  header: {
    ...{
      name: 'SNOMED_CT',
      title: 'SNOMED CT',
      status: 'active',
      isCaseSensitive: false,
      content: 'complete',
    },
    ...{ hierarchyMeaning: 'is-a', valueSet: `${systems.snomed}?fhir_vs` },
    uses: [FULL_NAME, OTHER_NAME],
    properties: [
      { code: 'inactive', uri: 'http://hl7.org/fhir/concept-properties#inactive', type: 'boolean' },
    ],
  },
});

interface Source {
  readonly files: Files;
  readonly meter: Meter;
  readonly rows: Rows;
  readonly refsets: readonly string[];
}

async function* readAll(of: Source): ReturnType<Reading['read']> {
  const { files, meter, rows, refsets } = of;
  const preferred = await preferredOf(files.languages, meter);
  const concepts = new IdNumbers();
  const texts = new Texts(files.concepts);
  for (const file of [...files.descriptions, ...files.definitions]) {
    for await (const piece of rf2Rows(file, meter, COLUMNS.description)) {
      for (const row of piece) keepText(row, { file, concepts, texts, preferred, rows });
      yield;
    }
  }
  for await (const piece of rf2Rows(files.concepts, meter, COLUMNS.concept)) {
    for (const { fields, line } of piece) {
      const place = { file: files.concepts.name, line };
      const [code = '', , active] = fields;
      const number = concepts.get(code);
      putConcept(
        { code, isActive: active === '1', texts: number === undefined ? [] : texts.of(number) },
        rows,
        place,
      );
    }
    yield;
  }
  for await (const piece of rf2Rows(files.relationships, meter, COLUMNS.relationship)) {
    for (const { fields, line } of piece) {
      const [, , active, , source = '', destination = '', , type] = fields;
      if (active !== '1' || type !== IS_A) continue;
      if (isSctId(source) && isSctId(destination))
        rows.relation(0, { code: source, kind: 'parent', target: destination });
      else rows.error({ file: files.relationships.name, line }, 'identifiers of SNOMED CT');
    }
    yield;
  }
  if (files.map)
    for (const [index, refset] of refsets.entries())
      yield* readSnomedMap(files.map, meter, { rows, refset, target: index + 1 });
}

/** Descriptions that are preferred in English; without such a language the fully specified names are displays. */
async function preferredOf(files: readonly InputFile[], meter: Meter): Promise<IdNumbers> {
  const byLanguage = new Map(LANGUAGES.map((refset) => [refset, new IdNumbers()]));
  for (const file of files) {
    for await (const piece of rf2Rows(file, meter, COLUMNS.language)) {
      for (const { fields } of piece) {
        const [, , active, , refset = '', description = '', acceptability] = fields;
        if (active === '1' && acceptability === PREFERRED) byLanguage.get(refset)?.add(description);
      }
    }
  }
  return [...byLanguage.values()].find(({ size }) => size > 0) ?? new IdNumbers();
}

interface Kept {
  readonly file: InputFile;
  readonly concepts: IdNumbers;
  readonly texts: Texts;
  readonly preferred: IdNumbers;
  readonly rows: Rows;
}

function keepText({ fields, line }: Rf2Row, { file, concepts, texts, preferred, rows }: Kept): void {
  const [id = '', , active, , concept = '', language, type, term = ''] = fields;
  if (active !== '1') return;
  if (!isSctId(concept) || term === '' || (type !== FSN && type !== SYNONYM && type !== DEFINITION)) {
    rows.error({ file: file.name, line }, 'a term of a known type, of a concept');
    return;
  }
  const kind = type === FSN ? 'F' : type === DEFINITION ? 'D' : preferred.get(id) === undefined ? 's' : 'P';
  texts.add(concepts.add(concept), `${kind}${language}\t${term}`);
}

interface Found {
  readonly code: string;
  readonly isActive: boolean;
  readonly texts: readonly string[];
}

function putConcept({ code, isActive, texts }: Found, rows: Rows, place: Place): void {
  if (!isSctId(code)) {
    rows.error(place, 'an identifier of SNOMED CT, with its check digit');
    return;
  }
  const terms = texts.map((text) => {
    const tab = text.indexOf('\t');
    return { kind: text[0], language: text.slice(1, tab), term: text.slice(tab + 1) };
  });
  const termOf = (kind: string) => terms.find((one) => one.kind === kind)?.term;
  const display = termOf('P') ?? termOf('F');
  const definition = termOf('D');
  const designations = terms.flatMap(({ kind, language, term }): Designation[] =>
    kind === 'D' || term === display ? [] : [{ language, use: useOf(kind), value: term }],
  );
  rows.concept(
    0,
    {
      ...{ code, isActive, designations },
      ...(display === undefined ? {} : { display }),
      ...(definition === undefined ? {} : { definition }),
    },
    place,
  );
}

const useOf = (kind: string | undefined) => (kind === 'F' ? FULL_NAME : OTHER_NAME);
