import type { CodeSystemView, Concept, TerminologySource } from '../../../standards/terminology/index.ts';
import { RXNORM } from '../translate/targets.ts';

/** An ingredient of RxNorm (term type IN). */
export interface Ingredient {
  readonly code: string;
  readonly display?: string;
}

/** Relations by which a drug of RxNorm leads to what is in it (RxNorm Technical Documentation, Appendix 1). */
const LEADS: ReadonlySet<string> = new Set([
  ...['consists_of', 'has_ingredient', 'has_ingredients', 'has_precise_ingredient', 'has_part'],
  ...['contains', 'form_of', 'tradename_of', 'quantified_form_of', 'replaced_by'],
]);

/** Pack, brand, drug, component, precise ingredient, ingredient: no way is longer than this. */
const MAX_STEPS = 8;
/** Concepts that are looked at for one code; a pack has a handful. */
const MAX_CONCEPTS = 200;

/**
 * The ingredients of these codes of RxNorm, by code; without those that RxNorm does not have, of which some way leads to no ingredient, or where RxNorm is
 * not loaded. The codes go through the levels together: a question for each level.
 */
export async function ingredientsOf(
  source: TerminologySource,
  codes: readonly string[],
): Promise<ReadonlyMap<string, readonly Ingredient[]>> {
  const view = codes.length > 0 ? await source.codeSystem(RXNORM) : undefined;
  if (!view) return new Map();
  const ways = new Map(codes.map((code) => [code, new Way(code)]));
  const concepts = new Map<string, Concept | undefined>();
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const wanted = new Set([...ways.values()].flatMap((way) => way.next));
    if (wanted.size === 0) break;
    await readInto(concepts, view, [...wanted]);
    for (const way of ways.values()) way.go(concepts);
  }
  return new Map(
    [...ways].flatMap(([code, way]) => (way.isComplete ? [[code, way.ingredients] as const] : [])),
  );
}

async function readInto(
  concepts: Map<string, Concept | undefined>,
  view: CodeSystemView,
  codes: readonly string[],
): Promise<void> {
  const missing = codes.filter((code) => !concepts.has(code));
  if (missing.length === 0) return;
  const found = await view.find(missing);
  for (const code of missing) concepts.set(code, found.get(code));
}

/** The way from one code down to its ingredients. */
class Way {
  /** Codes of the level that is reached. */
  next: string[];
  readonly #seen: Set<string>;
  readonly #ingredients = new Map<string, Ingredient>();
  #isLost = false;

  constructor(code: string) {
    this.next = [code];
    this.#seen = new Set(this.next);
  }

  /** Every branch ended in an ingredient. */
  get isComplete(): boolean {
    return !this.#isLost && this.next.length === 0 && this.#ingredients.size > 0;
  }

  get ingredients(): readonly Ingredient[] {
    return [...this.#ingredients.values()].sort((one, other) => (one.code < other.code ? -1 : 1));
  }

  go(concepts: ReadonlyMap<string, Concept | undefined>): void {
    const level = this.#isLost ? [] : this.next;
    this.next = [];
    for (const code of level) this.#pass(concepts.get(code));
  }

  #pass(concept: Concept | undefined): void {
    if (concept && isIngredient(concept)) {
      const { code, display } = concept;
      this.#ingredients.set(code, { code, ...(display === undefined ? {} : { display }) });
      return;
    }
    const { properties = [] } = concept ?? {};
    const targets = properties.flatMap(({ code, value }) => (LEADS.has(code) ? [value] : []));
    if (targets.length === 0 || this.#seen.size > MAX_CONCEPTS) this.#isLost = true;
    if (this.#isLost) return;
    for (const target of targets) {
      if (this.#seen.has(target)) continue;
      this.#seen.add(target);
      this.next.push(target);
    }
  }
}

const isIngredient = ({ properties }: Concept): boolean =>
  properties.some(({ code, value }) => code === 'TTY' && value === 'IN');
