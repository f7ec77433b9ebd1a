import { choiceOf, nodeOf, nodesOf, textOf, wordOf } from '../node.ts';
import type { ConceptMapView, Definition, Equivalence, MapRow, Unmapped } from '../types.ts';

const EQUIVALENCES: readonly Equivalence[] = [
  ...(['relatedto', 'equivalent', 'equal', 'wider', 'subsumes'] as const),
  ...(['narrower', 'specializes', 'inexact', 'unmatched', 'disjoint'] as const),
];
const STATUS = ['draft', 'active', 'retired'] as const;

type Rows = Map<string, Map<string, MapRow[]>>;
type Group = ConceptMapView['groups'][number];

/** A ConceptMap resource (R4 conceptmap.html). A target without a code, whatever is said of it, is none. */
export function conceptMapView(definition: Definition): ConceptMapView {
  const forward: Rows = new Map();
  const backward: Rows = new Map();
  const groups = nodesOf(definition, 'group').map((group) => {
    const head = groupOf(group);
    for (const element of nodesOf(group, 'element'))
      for (const row of rowsOf(element, head)) {
        enter(forward, row.source, row);
        if (row.target) enter(backward, row.target, row);
      }
    return head;
  });
  const [version, name] = [textOf(definition, 'version'), textOf(definition, 'name')];
  const [sourceScope, targetScope] = [scopeOf(definition, 'source'), scopeOf(definition, 'target')];
  return {
    url: textOf(definition, 'url') ?? '',
    ...(version ? { version } : {}),
    ...(name ? { name } : {}),
    status: wordOf(definition, 'status', STATUS) ?? 'unknown',
    ...(sourceScope ? { sourceScope } : {}),
    ...(targetScope ? { targetScope } : {}),
    isOneWay: false,
    groups,
    rows: async (system, codes) => picked(forward, system, codes),
    reverse: async (system, codes) => picked(backward, system, codes),
  };
}

function scopeOf(definition: Definition, name: string): string | undefined {
  const [, value] = choiceOf(definition, name) ?? [];
  return typeof value === 'string' ? value : undefined;
}

function groupOf(group: Definition): Group {
  const texts = ['source', 'sourceVersion', 'target', 'targetVersion'] as const;
  const unmapped = nodeOf(group, 'unmapped');
  const how = unmapped && unmappedOf(unmapped);
  return {
    ...Object.fromEntries(
      texts.flatMap((name) => {
        const value = textOf(group, name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    ...(how ? { unmapped: how } : {}),
  };
}

function unmappedOf(of: Definition): Unmapped | undefined {
  const mode = wordOf(of, 'mode', ['provided', 'fixed', 'other-map'] as const);
  if (!mode) return undefined;
  const [code, display, url] = [textOf(of, 'code'), textOf(of, 'display'), textOf(of, 'url')];
  return { mode, ...(code ? { code } : {}), ...(display ? { display } : {}), ...(url ? { url } : {}) };
}

/** The rows of one group of a ConceptMap, in their order. */
export function mapRowsOf(group: Definition): readonly MapRow[] {
  const head = groupOf(group);
  return nodesOf(group, 'element').flatMap((element) => rowsOf(element, head));
}

function rowsOf(element: Definition, group: Group): readonly MapRow[] {
  const code = textOf(element, 'code');
  if (code === undefined) return [];
  const source = { system: group.source ?? '', code, ...displayOf(element) };
  const targets = nodesOf(element, 'target');
  if (targets.length === 0) return [{ source, equivalence: 'unmatched' }];
  return targets.map((target) => rowOf(source, target, group));
}

function rowOf(source: MapRow['source'], target: Definition, group: Group): MapRow {
  const code = textOf(target, 'code');
  const stated = wordOf(target, 'equivalence', EQUIVALENCES) ?? 'relatedto';
  const comment = textOf(target, 'comment');
  const [dependsOn, product] = [otherElements(target, 'dependsOn'), otherElements(target, 'product')];
  return {
    source,
    ...(code === undefined || stated === 'unmatched'
      ? { equivalence: 'unmatched' as const }
      : { equivalence: stated, target: { system: group.target ?? '', code, ...displayOf(target) } }),
    ...(comment ? { comment } : {}),
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
    ...(product.length > 0 ? { product } : {}),
  };
}

function displayOf(of: Definition): { readonly display?: string } {
  const display = textOf(of, 'display');
  return display === undefined ? {} : { display };
}

function otherElements(target: Definition, name: string): NonNullable<MapRow['dependsOn']> {
  return nodesOf(target, name).flatMap((one) => {
    const [property, value, system] = [textOf(one, 'property'), textOf(one, 'value'), textOf(one, 'system')];
    return property !== undefined && value !== undefined
      ? [{ property, value, ...(system ? { system } : {}) }]
      : [];
  });
}

function enter(into: Rows, { system, code }: { system: string; code: string }, row: MapRow): void {
  const codes = into.get(system) ?? new Map<string, MapRow[]>();
  into.set(system, codes);
  const rows = codes.get(code);
  if (rows) rows.push(row);
  else codes.set(code, [row]);
}

function picked(
  from: Rows,
  system: string,
  codes: readonly string[],
): ReadonlyMap<string, readonly MapRow[]> {
  const found = new Map<string, readonly MapRow[]>();
  for (const code of codes) {
    const rows = [...(from.get(system)?.get(code) ?? []), ...(from.get('')?.get(code) ?? [])];
    if (rows.length > 0) found.set(code, rows);
  }
  return found;
}
