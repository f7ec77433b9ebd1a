import { groupBy } from '../group.ts';
import { splitCanonical } from '../node.ts';
import type { ConceptMapView, MapRow, TerminologySource } from '../types.ts';
import { currentOf } from '../versions.ts';
import { formsOf } from './code-forms.ts';
import type { TranslateRequest } from './types.ts';

/** The maps of a batch: each question to the source and to a map is asked once. */
export class Maps {
  readonly #source: TerminologySource;
  readonly #views = new Map<string, Promise<readonly ConceptMapView[]>>();
  readonly #rows = new Map<ConceptMapView, Map<string, Promise<ReadonlyMap<string, readonly MapRow[]>>>>();

  constructor(source: TerminologySource) {
    this.#source = source;
  }

  /** Those a request is to be translated by, in its order. Without names, those that are active. */
  async of({ coding, targets, maps, reverse }: TranslateRequest): Promise<readonly ConceptMapView[]> {
    if (maps) return (await Promise.all(maps.map((canonical) => this.named(canonical)))).flat();
    const found = await Promise.all(targets.map((target) => this.#between(coding.system, target, reverse)));
    return [...new Set(found.flat())];
  }

  named(canonical: string): Promise<readonly ConceptMapView[]> {
    return this.#once(canonical, async () =>
      currentVersions(await this.#source.conceptMaps(splitCanonical(canonical))),
    );
  }

  #between(system: string, target: string, reverse = false): Promise<readonly ConceptMapView[]> {
    const [sourceSystem, targetSystem] = reverse ? [target, system] : [system, target];
    return this.#once(JSON.stringify([sourceSystem, targetSystem]), async () => {
      const found = await this.#source.conceptMaps({ sourceSystem, targetSystem });
      return currentVersions(found).filter(({ status }) => status === 'active');
    });
  }

  /** Asks each map once for all codes of the batch that it may be asked for. */
  async prefetch(batch: readonly TranslateRequest[]): Promise<void> {
    const wanted = new Map<ConceptMapView, Map<string, Set<string>>>();
    for (const request of batch) {
      const { system } = request.coding;
      for (const view of await this.of(request)) {
        const ofView = wanted.get(view) ?? new Map<string, Set<string>>();
        const key = keyOf(system, request.reverse);
        const codes = ofView.get(key) ?? new Set<string>();
        for (const form of formsOf(request.coding, request.isProcedure)) codes.add(form);
        wanted.set(view, ofView.set(key, codes));
      }
    }
    for (const [view, ofView] of wanted)
      for (const [key, codes] of ofView) this.#asked(view).set(key, this.#ask(view, key, [...codes]));
  }

  /** The rows of a code, by the forms it may have; what was not fetched before is asked for. */
  async rows(
    view: ConceptMapView,
    { coding, reverse }: TranslateRequest,
    forms: readonly string[],
  ): Promise<ReadonlyMap<string, readonly MapRow[]>> {
    const key = keyOf(coding.system, reverse);
    return (await this.#rows.get(view)?.get(key)) ?? this.#ask(view, key, forms);
  }

  #asked(view: ConceptMapView) {
    const present = this.#rows.get(view);
    if (present) return present;
    const made = new Map<string, Promise<ReadonlyMap<string, readonly MapRow[]>>>();
    this.#rows.set(view, made);
    return made;
  }

  #ask(
    view: ConceptMapView,
    key: string,
    codes: readonly string[],
  ): Promise<ReadonlyMap<string, readonly MapRow[]>> {
    const system = key.slice(1);
    return key.startsWith('<') ? view.reverse(system, codes) : view.rows(system, codes);
  }

  #once(key: string, ask: () => Promise<readonly ConceptMapView[]>): Promise<readonly ConceptMapView[]> {
    const present = this.#views.get(key);
    if (present) return present;
    const asked = ask();
    this.#views.set(key, asked);
    return asked;
  }
}

const keyOf = (system: string, reverse = false): string => `${reverse ? '<' : '>'}${system}`;

/** Of each map the version that is current. */
export const currentVersions = (views: readonly ConceptMapView[]): readonly ConceptMapView[] =>
  [...groupBy(views, ({ url }) => url).values()].flatMap((versions) => currentOf(versions) ?? []);
