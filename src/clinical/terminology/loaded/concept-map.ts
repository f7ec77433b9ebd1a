import type { Queryable } from '../../../foundation/database/index.ts';
import type { ConceptMapView, Equivalence, MapRow } from '../../../standards/terminology/index.ts';
import { ndcForms } from '../formats/ndc.ts';
import { systems } from '../formats/systems.ts';
import type { ConceptMapHeader } from '../load/types.ts';
import { type LoadRow, type MapRowRow, statements } from '../sql.ts';
import { Recent } from './recent.ts';

const REMEMBERED = 20_000;

type Rows = readonly MapRow[];
const NONE: Rows = [];

/** A map that is loaded, read row by row. What was asked is remembered: a version does not change. */
export function loadedConceptMap(database: Queryable, load: LoadRow): ConceptMapView {
  const header = JSON.parse(load.header) as ConceptMapHeader;
  const forward = new Recent<Rows>(REMEMBERED);
  const backward = new Recent<Rows>(REMEMBERED);
  return {
    url: load.url,
    ...(load.version === '' ? {} : { version: load.version }),
    ...header,
    groups: header.groups ?? [],
    rows: (system, codes) =>
      remembered(forward, { system, codes }, async (asked) => {
        const rows = await database.query<MapRowRow>(statements.mapRows, [load.id, asked, system]);
        return rows.map((row) => [row.source_code, rowOf(row)]);
      }),
    reverse: (system, codes) =>
      remembered(backward, { system, codes }, async (asked) => {
        const rows = await database.query<MapRowRow>(statements.reverseRows, [load.id, asked, system]);
        return rows.map((row) => [row.target_code ?? '', rowOf(row)]);
      }),
  };
}

type Find = (codes: readonly string[]) => Promise<readonly (readonly [code: string, row: MapRow])[]>;

/** By the code as asked; an NDC is the same in each of its forms. */
async function remembered(
  known: Recent<Rows>,
  { system, codes }: { readonly system: string; readonly codes: readonly string[] },
  find: Find,
): Promise<ReadonlyMap<string, Rows>> {
  const stored = (code: string) => (system === systems.ndc ? (ndcForms(code)?.plain ?? code) : code);
  const found = new Map<string, Rows>();
  const missing = new Set<string>();
  for (const code of codes) {
    const rows = known.get(`${system}|${stored(code)}`);
    if (rows === undefined) missing.add(stored(code));
    else if (rows.length > 0) found.set(code, rows);
  }
  if (missing.size === 0) return found;
  const fresh = new Map<string, MapRow[]>();
  for (const [code, row] of await find([...missing])) fresh.set(code, [...(fresh.get(code) ?? []), row]);
  for (const code of missing) known.set(`${system}|${code}`, fresh.get(code) ?? NONE);
  for (const code of codes) {
    const rows = fresh.get(stored(code));
    if (rows) found.set(code, rows);
  }
  return found;
}

function rowOf(row: MapRowRow): MapRow {
  const details = row.details === null ? {} : (JSON.parse(row.details) as Partial<MapRow>);
  return {
    source: { system: row.source_system, code: row.source_code, ...display(row.source_display) },
    ...(row.target_code === null
      ? {}
      : { target: { system: row.target_system, code: row.target_code, ...display(row.target_display) } }),
    equivalence: row.equivalence as Equivalence,
    ...details,
  };
}

const display = (text: string | null) => (text === null ? {} : { display: text });
