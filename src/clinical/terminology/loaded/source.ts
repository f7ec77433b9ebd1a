import type { Queryable } from '../../../foundation/database/index.ts';
import type {
  CodeSystemView,
  ConceptMapView,
  MapQuery,
  TerminologySource,
} from '../../../standards/terminology/index.ts';
import { leads } from '../../../standards/terminology/index.ts';
import { type LoadRow, statements } from '../sql.ts';
import { loadedCodeSystem } from './code-system.ts';
import { loadedConceptMap } from './concept-map.ts';

/** What is loaded and ready, as of one reading of the list. Of a map that is not asked for by version only the current one counts. */
export async function loadedSource(database: Queryable, views: Views): Promise<TerminologySource> {
  const loads = await database.query<LoadRow>(statements.ready);
  views.keepOnly(loads);
  const systems = loads.filter(({ kind }) => kind === 'code-system');
  const maps = loads.filter(({ kind }) => kind === 'concept-map');
  const versions = (of: readonly LoadRow[], url: string) =>
    of.flatMap((one) => (one.url === url && one.version !== '' ? [one.version] : []));
  return {
    async codeSystem(url, version) {
      const found = systems.find(
        (one) => one.url === url && (version === undefined ? one.is_current : one.version === version),
      );
      return found && views.codeSystem(found);
    },
    codeSystemVersions: async (url) => versions(systems, url),
    supplements: async () => [],
    valueSet: async () => undefined,
    valueSetVersions: async () => [],
    conceptMaps: async (query) =>
      maps
        .filter((one) => isAsked(one, query))
        .map((one) => views.conceptMap(one))
        .filter((view) => leads(view, query)),
  };
}

const isAsked = (one: LoadRow, { url, version }: MapQuery): boolean =>
  (url === undefined || one.url === url) &&
  (version === undefined ? one.is_current : one.version === version);

/** Views by load, with what they remember: a load never changes, so they outlive the generation. */
export class Views {
  readonly #database: Queryable;
  readonly #systems = new Map<number, CodeSystemView>();
  readonly #maps = new Map<number, ConceptMapView>();

  constructor(database: Queryable) {
    this.#database = database;
  }

  codeSystem(load: LoadRow): CodeSystemView {
    const view = this.#systems.get(load.id) ?? loadedCodeSystem(this.#database, load);
    this.#systems.set(load.id, view);
    return view;
  }

  conceptMap(load: LoadRow): ConceptMapView {
    const view = this.#maps.get(load.id) ?? loadedConceptMap(this.#database, load);
    this.#maps.set(load.id, view);
    return view;
  }

  keepOnly(loads: readonly LoadRow[]): void {
    const there = new Set(loads.map(({ id }) => id));
    for (const views of [this.#systems, this.#maps])
      for (const id of views.keys()) if (!there.has(id)) views.delete(id);
  }
}
