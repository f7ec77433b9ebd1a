import type { MapRow } from '../../../standards/terminology/index.ts';
import { Damaged, invalidTerminology } from '../load/failures.ts';
import { linesOf } from '../load/lines.ts';
import type { InputFile, Meter, Target } from '../load/types.ts';
import { fileLike, type Given } from './format.ts';
import { ndcForms } from './ndc.ts';
import { maps, systems } from './systems.ts';

export interface VaccineNdcFiles {
  readonly sale: InputFile;
  readonly use: InputFile | undefined;
  readonly linker: InputFile | undefined;
  readonly place: string;
}

export function vaccineNdcFiles(given: Given): VaccineNdcFiles | undefined {
  const sale = fileLike(given, /^NDC_Unit_sale\.txt$/i, 'NDC_Unit_sale.txt');
  const use = fileLike(given, /^NDC_Unit_use\.txt$/i, 'NDC_Unit_use.txt');
  const linker = fileLike(given, /^NDC_Linker\.txt$/i, 'NDC_Linker.txt');
  if (sale) return { sale, use, linker, place: sale.name };
  const other = use ?? linker;
  if (other) throw invalidTerminology(other.name, 'NDC_Unit_sale.txt is there, too');
  return undefined;
}

export const vaccineNdcMap = (version: string): Target => ({
  ...{ kind: 'concept-map', url: maps.ndcToCvx, version },
  header: {
    ...{
      name: 'NDC_CVX',
      title: 'NDC of vaccines to CVX and manufacturer',
      status: 'active',
      isOneWay: true,
    },
    groups: [{ source: systems.ndc, target: systems.cvx }],
  },
});

/** Where in the two files of units the parts of a row stand. */
interface Layout {
  readonly fields: number;
  readonly cvx: number;
  readonly cvxName: number;
  readonly ndc: number;
  readonly updated: number;
}
const SALE: Layout = { fields: 16, cvx: 12, cvxName: 13, ndc: 14, updated: 11 };
const USE: Layout = { fields: 17, cvx: 11, cvxName: 12, ndc: 14, updated: 15 };

/**
 * NDCs of what is sold and of what is used of it, each with its CVX, and by the linker its manufacturer (R4 ConceptMap product). A package is narrower than the vaccine. A few have two CVX codes,
 * for two doses: both are kept, and neither is a translation.
 */
export async function readNdcLinks(
  { sale, use, linker }: VaccineNdcFiles,
  meter: Meter,
): Promise<{ readonly links: readonly MapRow[]; readonly newestDate: string }> {
  const manufacturers = linker ? await manufacturersOf(linker, meter) : { sale: new Map(), use: new Map() };
  const links = new Map<string, MapRow>();
  const dates: string[] = [];
  const files: [InputFile | undefined, Layout, Manufacturers][] = [
    [sale, SALE, manufacturers.sale],
    [use, USE, manufacturers.use],
  ];
  for (const [file, layout, makers] of files) {
    if (!file) continue;
    for await (const { first, lines } of linesOf(file, meter, { mustEndLine: true })) {
      for (const [index, line] of lines.entries()) {
        const { row, updated, id } = unitOf(line, layout, { file, line: first + index });
        const key = `${row.source.code} ${row.target?.code}`;
        if (!links.has(key)) links.set(key, { ...row, ...made(makers.get(id)) });
        dates.push(updated);
      }
    }
  }
  return { links: [...links.values()], newestDate: dates.sort().at(-1) ?? '' };
}

type Manufacturers = Map<string, ReadonlySet<string>>;

function unitOf(line: string, layout: Layout, at: { readonly file: InputFile; readonly line: number }) {
  const fields = line.split('|').map((field) => field.trim());
  const ndc = ndcForms(fields[layout.ndc] ?? '');
  const [id = '', cvx = '', display] = [fields[0], fields[layout.cvx], fields[layout.cvxName]];
  const updated = (fields[layout.updated] ?? '').slice(0, 10);
  if (
    fields.length !== layout.fields ||
    ndc === undefined ||
    !/^\d{2,4}$/.test(cvx) ||
    !/^\d{4}-\d\d-\d\d$/.test(updated)
  )
    throw new Damaged(
      at.file.name,
      at.line,
      `${layout.fields} fields parted by |, with an NDC, a CVX code and a date`,
    );
  const row: MapRow = {
    source: { system: systems.ndc, code: ndc.plain, ...(fields[4] ? { display: fields[4] } : {}) },
    target: { system: systems.cvx, code: cvx, ...(display ? { display } : {}) },
    equivalence: 'wider',
  };
  return { row, updated, id };
}

function made(manufacturers: ReadonlySet<string> | undefined): Pick<MapRow, 'product'> {
  if (!manufacturers) return {};
  const property = 'http://hl7.org/fhir/Immunization.manufacturer';
  return { product: [...manufacturers].map((value) => ({ property, system: systems.mvx, value })) };
}

/** Linker: number, number of what is sold, number of what is used, MVX. */
async function manufacturersOf(
  file: InputFile,
  meter: Meter,
): Promise<{ sale: Manufacturers; use: Manufacturers }> {
  const found = { sale: new Map<string, Set<string>>(), use: new Map<string, Set<string>>() };
  for await (const { first, lines } of linesOf(file, meter, { mustEndLine: true })) {
    for (const [index, line] of lines.entries()) {
      const [, sale, use, mvx] = /^\d+\|(\d*)\|(\d*)\|([A-Z]{2,3}) *$/.exec(line) ?? [];
      if (mvx === undefined)
        throw new Damaged(file.name, first + index, 'three numbers and a manufacturer, parted by |');
      if (sale) found.sale.set(sale, (found.sale.get(sale) ?? new Set()).add(mvx));
      if (use) found.use.set(use, (found.use.get(use) ?? new Set()).add(mvx));
    }
  }
  return found;
}
