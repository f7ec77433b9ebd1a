import type { Designation } from '../../../standards/terminology/index.ts';
import type { InputFile, LoadedProperty, Meter, Place, Reading, Rows, Target } from '../load/types.ts';
import { type Format, fileLike, type Given, theFile, versionOf, withoutFolder } from './format.ts';
import { IdNumbers } from './ids.ts';
import { rrfRows } from './rrf.ts';
import { isRxCui, type Known } from './rxnorm-known.ts';
import { readNdc } from './rxnorm-ndc.ts';
import { readRetired } from './rxnorm-retired.ts';
import { maps, systems } from './systems.ts';
import { Texts } from './texts.ts';

/** Term types that are other names of a concept, not what it is. */
const OTHER_NAMES = new Set(['SY', 'TMSY', 'PSN', 'ET']);

/** Relations that are kept, each in one direction; `isa` is the hierarchy. Ingredients are reached by consists_of, has_ingredient, has_part and form_of. */
const RELATIONS = new Set([
  ...['isa', 'has_ingredient', 'has_ingredients', 'has_precise_ingredient', 'form_of'],
  ...['consists_of', 'has_part', 'contains', 'tradename_of', 'has_dose_form', 'quantified_form_of'],
]);

/**
 * RxNorm of NLM in Rich Release Format: concepts and names (RXNCONSO), relations (RXNREL), NDCs (RXNSAT), and where they are there what was retired and merged (RXNATOMARCHIVE, RXNCUI).
 * Only what RxNorm itself says (SAB RXNORM): other vocabularies within the release have licences of their own.
 */
export const rxnorm: Format = {
  name: 'rxnorm',
  text: 'RxNorm (RXNCONSO.RRF, RXNREL.RRF, RXNSAT.RRF with the NDCs; the folder or .zip of the release)',
  revision: 1,
  async open(all) {
    // The release has the prescribable part once more.
    const given = withoutFolder(all, /(^|\/)prescribe\//i);
    const files: Files = {
      names: theFile(given, /^RXNCONSO\.RRF$/i, 'RXNCONSO.RRF'),
      relations: theFile(given, /^RXNREL\.RRF$/i, 'RXNREL.RRF'),
      attributes: fileLike(given, /^RXNSAT\.RRF$/i, 'RXNSAT.RRF'),
      archive: fileLike(given, /^RXNATOMARCHIVE\.RRF$/i, 'RXNATOMARCHIVE.RRF'),
      merged: fileLike(given, /^RXNCUI\.RRF$/i, 'RXNCUI.RRF'),
    };
    const named = /RxNorm_\w*?_(\d{8})/i.exec(files.names.name)?.[1];
    const version = versionOf(given, named ?? (await versionIn(given)));
    return {
      targets: [codeSystem(version), ...(files.attributes ? [ndcMap(version)] : [])],
      read: (rows) => readAll(files, given.meter, rows),
      checks: { mustHaveDisplay: true, place: { file: files.names.name } },
    };
  },
};

interface Files {
  readonly names: InputFile;
  readonly relations: InputFile;
  readonly attributes: InputFile | undefined;
  readonly archive: InputFile | undefined;
  readonly merged: InputFile | undefined;
}

/** RXNSAB says which release it is. */
async function versionIn(given: Given): Promise<string | undefined> {
  const file = fileLike(given, /^RXNSAB\.RRF$/i, 'RXNSAB.RRF');
  if (!file) return undefined;
  for await (const rows of rrfRows(file, given.meter, 25)) {
    const own = rows.find(({ fields }) => fields[3] === 'RXNORM');
    if (own?.fields[6]) return own.fields[6];
  }
  return undefined;
}

const codeSystem = (version: string): Target => ({
  kind: 'code-system',
  url: systems.rxnorm,
  version,
  header: {
    ...{ name: 'RxNorm', title: 'RxNorm', status: 'active', isCaseSensitive: false, content: 'complete' },
    ...{ hierarchyMeaning: 'is-a', valueSet: 'http://www.nlm.nih.gov/research/umls/rxnorm/vs' },
    properties: [
      { code: 'TTY', type: 'string' },
      { code: 'inactive', uri: 'http://hl7.org/fhir/concept-properties#inactive', type: 'boolean' },
      { code: 'replaced_by', type: 'code' },
      ...[...RELATIONS].filter((name) => name !== 'isa').map((code) => ({ code, type: 'code' })),
    ],
  },
});

const ndcMap = (version: string): Target => ({
  kind: 'concept-map',
  url: maps.ndcToRxnorm,
  version,
  header: {
    ...{ name: 'NDC_RxNorm', title: 'NDC to RxNorm', status: 'active', isOneWay: true },
    groups: [{ source: systems.ndc, target: systems.rxnorm, targetVersion: version }],
  },
});

async function* readAll(files: Files, meter: Meter, rows: Rows): ReturnType<Reading['read']> {
  const concepts = new IdNumbers();
  yield* readNames(files.names, meter, { rows, concepts });
  yield* readRetired(files, meter, { rows, concepts });
  for await (const piece of rrfRows(files.relations, meter, 16)) {
    for (const { fields, place } of piece) putRelation(fields, { rows, concepts, place });
    yield;
  }
  if (files.attributes) yield* readNdc(files.attributes, meter, { rows, concepts });
}

/** Names of a concept may stand apart in the file, so all are read before the first concept is given. */
async function* readNames(file: InputFile, meter: Meter, { rows, concepts }: Known): AsyncGenerator<void> {
  const texts = new Texts(file);
  for await (const piece of rrfRows(file, meter, 18)) {
    for (const { fields, place } of piece) {
      const code = fields[0] ?? '';
      if (fields[11] !== 'RXNORM') continue;
      if (!isRxCui(code) || !fields[14] || !fields[12])
        rows.error(place, 'a concept, a term type and a name');
      else texts.add(concepts.add(code), `${fields[12]}\t${fields[16] ?? ''}\t${place.line}\t${fields[14]}`);
    }
    yield;
  }
  let put = 0;
  for (const [code, number] of concepts.entries()) {
    putConcept(code, texts.of(number), { rows, file });
    put += 1;
    if (put % 1_000 === 0) yield;
  }
}

function putConcept(
  code: string,
  texts: readonly string[],
  { rows, file }: { readonly rows: Rows; readonly file: InputFile },
): void {
  const names = texts.map((text) => {
    const [type = '', suppressed, line, ...name] = text.split('\t');
    return { type, suppressed, line: Number(line), value: name.join('\t') };
  });
  const main = names.find(({ type }) => !OTHER_NAMES.has(type)) ?? names[0];
  if (!main) return;
  const place: Place = { file: file.name, line: main.line };
  const types = new Set(names.flatMap(({ type }) => (OTHER_NAMES.has(type) ? [] : [type])));
  rows.concept(
    0,
    {
      code,
      display: main.value,
      // O: obsolete (RxNorm Technical Documentation, SUPPRESS).
      isActive: main.suppressed !== 'O',
      designations: names
        .filter((name) => name !== main && name.value !== main.value)
        .map(
          ({ type, value }): Designation => ({ use: { system: `${systems.rxnorm}/tty`, code: type }, value }),
        ),
      properties: [...types].map((value): LoadedProperty => ({ name: 'TTY', type: 'string', value })),
    },
    place,
  );
}

/** `RXCUI2 RELA RXCUI1`: the second is what the relation is said of (RxNorm Technical Documentation, RXNREL). */
function putRelation(
  fields: readonly string[],
  { rows, concepts, place }: Known & { readonly place: Place },
): void {
  const [target = '', , ofTarget, , source = '', , ofSource, name = '', , , vocabulary] = fields;
  if (vocabulary !== 'RXNORM' || ofTarget !== 'CUI' || ofSource !== 'CUI' || !RELATIONS.has(name)) return;
  if (!isRxCui(source) || !isRxCui(target)) {
    rows.error(place, 'a relation of two concepts');
    return;
  }
  // Relations of what was retired stay in the file for a while.
  if (concepts.get(source) === undefined || concepts.get(target) === undefined) return;
  rows.relation(0, { code: source, kind: name === 'isa' ? 'parent' : name, target });
}
