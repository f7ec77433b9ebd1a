import type { Queryable } from '../../../foundation/database/index.ts';
import type { CodeSystemView, Concept, ConceptProperty } from '../../../standards/terminology/index.ts';
import { ndcForms } from '../formats/ndc.ts';
import { systems } from '../formats/systems.ts';
import { readDesignations } from '../load/designations.ts';
import type { CodeSystemHeader } from '../load/types.ts';
import { type ConceptRow, type LoadRow, statements } from '../sql.ts';
import { Recent } from './recent.ts';
import { selectConcepts, totalOf } from './select.ts';
import type { Selection } from './selection.ts';

const REMEMBERED = 20_000;

/** A code system that is loaded, read concept by concept. What was asked is remembered: a version does not change. */
export function loadedCodeSystem(database: Queryable, load: LoadRow): CodeSystemView {
  const header = JSON.parse(load.header) as CodeSystemHeader;
  const folded = (code: string) => foldedOf(code, load.url, header.isCaseSensitive);
  const known = new Recent<Concept | 'none'>(REMEMBERED);
  const find = (codes: readonly string[]) =>
    findConcepts({ database, load: load.id, uses: header.uses, known, folded }, codes);
  const exact = async (code: string) => (await find([code])).get(code)?.code;
  const selection = (): Selection => ({ database, load: load.id, url: load.url, header, folded });
  return {
    url: load.url,
    ...(load.version === '' ? {} : { version: load.version }),
    ...header,
    find,
    async children(code, { after, limit }) {
      const last = after === undefined ? null : folded(after);
      const rows = await database.query<{ code: string }>(
        code === undefined ? statements.roots : statements.children,
        code === undefined
          ? [load.id, last, limit]
          : [load.id, folded(code), last, limit, header.isCaseSensitive],
      );
      return rows.map((row) => row.code);
    },
    async isAncestor(ancestor, code) {
      const [above, below] = await Promise.all([exact(ancestor), exact(code)]);
      if (above === undefined || below === undefined || above === below) return false;
      return (await database.query(statements.isAncestor, [load.id, above, below])).length > 0;
    },
    async select(filters, how) {
      return (await selectConcepts(selection(), filters, how)).map((row) => conceptOf(row, header.uses));
    },
    total: (filters, how) => totalOf(selection(), filters, how),
    async matching(codes, filters) {
      const found = await find(codes);
      const own = new Map([...found].map(([asked, concept]) => [asked, concept.code]));
      const rows = await selectConcepts(selection(), filters, { limit: own.size, among: [...own.values()] });
      const meets = new Set(rows.map((row) => row.code));
      return new Set([...own].flatMap(([asked, code]) => (meets.has(code) ? [asked] : [])));
    },
  };
}

function foldedOf(code: string, url: string, isCaseSensitive: boolean): string {
  const plain = url === systems.ndc ? (ndcForms(code)?.plain ?? code) : code;
  return isCaseSensitive ? plain : plain.toLowerCase();
}

interface Finding {
  readonly database: Queryable;
  readonly uses: CodeSystemHeader['uses'];
  readonly load: number;
  readonly known: Recent<Concept | 'none'>;
  readonly folded: (code: string) => string;
}

async function findConcepts(
  { database, load, uses, known, folded }: Finding,
  codes: readonly string[],
): Promise<ReadonlyMap<string, Concept>> {
  const found = new Map<string, Concept>();
  const missing = new Map<string, string[]>();
  for (const code of codes) {
    const key = folded(code);
    const concept = known.get(key);
    if (concept === undefined) missing.set(key, [...(missing.get(key) ?? []), code]);
    else if (concept !== 'none') found.set(code, concept);
  }
  if (missing.size === 0) return found;
  const rows = await database.query<ConceptRow>(statements.concepts, [load, [...missing.keys()]]);
  for (const row of rows) {
    const concept = conceptOf(row, uses);
    known.set(row.folded, concept);
    for (const code of missing.get(row.folded) ?? []) found.set(code, concept);
    missing.delete(row.folded);
  }
  for (const key of missing.keys()) known.set(key, 'none');
  return found;
}

function conceptOf(row: ConceptRow, uses: CodeSystemHeader['uses']): Concept {
  const relations = row.relations ?? [];
  const properties = row.properties ?? [];
  return {
    code: row.code,
    ...(row.display === null ? {} : { display: row.display }),
    ...(row.definition === null ? {} : { definition: row.definition }),
    isActive: row.is_active,
    isAbstract: row.is_abstract,
    designations: readDesignations(row.designations, uses),
    properties: [
      ...properties.map(([code, type, value]) => ({ code, type: type as ConceptProperty['type'], value })),
      ...relations.flatMap(([code, value]) =>
        code === 'parent' ? [] : [{ code, type: 'code' as const, value }],
      ),
    ],
    parents: relations.flatMap(([kind, target]) => (kind === 'parent' ? [target] : [])),
  };
}
