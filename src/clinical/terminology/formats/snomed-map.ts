import type { ComplexMapRule, Equivalence } from '../../../standards/terminology/index.ts';
import type { InputFile, Meter, Rows, Target } from '../load/types.ts';
import { COLUMNS, isSctId, type Rf2Row, rf2Rows } from './rf2.ts';
import { systems } from './systems.ts';

/** Maps from SNOMED CT whose target is known. */
const TARGETS: Readonly<
  Record<string, { readonly system: string; readonly name: string; readonly title: string }>
> = {
  '6011000124106': {
    ...{ system: systems.icd10cm, name: 'SNOMED_ICD10CM', title: 'SNOMED CT to ICD-10-CM, complex map' },
  },
  '447562003': {
    ...{
      system: 'http://hl7.org/fhir/sid/icd-10',
      name: 'SNOMED_ICD10',
      title: 'SNOMED CT to ICD-10, extended map',
    },
  },
};

/** Correlation of a map's row, as the target is seen from the source (R4 concept-map-equivalence). */
const CORRELATIONS: Readonly<Record<string, Equivalence>> = {
  '447557004': 'equivalent',
  '447558009': 'narrower',
  '447559001': 'wider',
  '447560006': 'inexact',
  '447556008': 'unmatched',
};

/** The maps that a file has rows of, and that are known. */
export async function refsetsOf(file: InputFile, meter: Meter): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const piece of rf2Rows(file, meter, COLUMNS.extendedMap))
    for (const { fields } of piece) if (fields[2] === '1') found.add(fields[4] ?? '');
  return Object.keys(TARGETS).filter((refset) => found.has(refset));
}

export function mapTarget(refset: string, version: string): Target {
  const { system = '', name = '', title = '' } = TARGETS[refset] ?? {};
  return {
    kind: 'concept-map',
    // R4 snomedct.html, implicit concept maps.
    url: `${systems.snomed}?fhir_cm=${refset}`,
    version,
    header: {
      ...{ name, title, status: 'active', isOneWay: true },
      groups: [{ source: systems.snomed, sourceVersion: version, target: system }],
    },
  };
}

interface Source {
  readonly rows: Rows;
  readonly refset: string;
  readonly target: number;
}

/** Rows of a complex or extended map (Release File Specifications, der2_iisssccRefset_ExtendedMap), with group, priority and rule as they are. */
export async function* readSnomedMap(file: InputFile, meter: Meter, source: Source): AsyncGenerator<void> {
  for await (const piece of rf2Rows(file, meter, COLUMNS.extendedMap)) {
    for (const row of piece)
      if (row.fields[2] === '1' && row.fields[4] === source.refset) put(row, { ...source, file: file.name });
    yield;
  }
}

function put(
  { fields, line }: Rf2Row,
  { rows, refset, target, file }: Source & { readonly file: string },
): void {
  const [
    ,
    ,
    ,
    ,
    ,
    concept = '',
    group = '',
    priority = '',
    rule = '',
    advice,
    code = '',
    correlation = '',
    category,
  ] = fields;
  if (!isSctId(concept) || !/^\d{1,4}$/.test(group) || !/^\d{1,4}$/.test(priority) || rule === '') {
    rows.error({ file, line }, 'a concept, a group, a priority and a rule');
    return;
  }
  const complex: ComplexMapRule = {
    ...{ group: Number(group), priority: Number(priority), rule },
    ...(advice ? { advice } : {}),
    ...(category ? { category } : {}),
  };
  const system = TARGETS[refset]?.system ?? '';
  rows.map(target, {
    source: { system: systems.snomed, code: concept },
    ...(code === '' ? {} : { target: { system, code } }),
    equivalence: code === '' ? 'unmatched' : (CORRELATIONS[correlation] ?? 'relatedto'),
    complex,
  });
}
