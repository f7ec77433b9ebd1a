import { flagOf, nodesOf, numberOf, textOf, wordOf } from '../node.ts';
import type { CodeSystemView, Concept, Definition, Filter, Slice } from '../types.ts';
import { conceptsOf, rolesOf } from './concepts.ts';
import { type Filterable, predicateOf } from './filters.ts';
import { Hierarchy } from './hierarchy.ts';
import { supplemented } from './supplements.ts';
import { textPredicate } from './words.ts';

const STATUS = ['draft', 'active', 'retired'] as const;
const CONTENT = ['not-present', 'example', 'fragment', 'complete', 'supplement'] as const;
const MEANING = ['grouped-by', 'is-a', 'part-of', 'classified-with'] as const;
/** Concepts that are looked at before others get their turn. */
const TURN = 2000;

/**
 * A CodeSystem resource (R4 codesystem.html) in memory, with what supplements add. Its concepts are read when the first of them is asked for. A system that does
 * not say so is taken as case-sensitive, and one whose hierarchy has no meaning as `is-a`, as R4 takes it.
 */
export function codeSystemView(
  definition: Definition,
  supplements: readonly Definition[] = [],
): CodeSystemView {
  const properties = nodesOf(definition, 'property').flatMap((one) => {
    const [code, uri, type] = [textOf(one, 'code'), textOf(one, 'uri'), textOf(one, 'type')];
    return code === undefined ? [] : [{ code, ...(uri ? { uri } : {}), ...(type ? { type } : {}) }];
  });
  const isCaseSensitive = flagOf(definition, 'caseSensitive') ?? true;
  let made: Content | undefined;
  const content = () => {
    made ??= new Content({ definition, supplements, properties, isCaseSensitive });
    return made;
  };
  return {
    ...headOf(definition),
    isCaseSensitive,
    properties,
    get count() {
      return numberOf(definition, 'count') ?? content().concepts.length;
    },
    find: async (codes) => content().find(codes),
    children: async (code, slice) => content().children(code, slice),
    isAncestor: async (ancestor, code) => content().isAncestor(ancestor, code),
    select: (filters, options) => content().select(filters, options),
    total: async (filters, options) => (await content().select(filters, options)).length,
    matching: async (codes, filters) => content().matching(codes, filters),
  };
}

function headOf(definition: Definition) {
  const [version, name, title] = [
    textOf(definition, 'version'),
    textOf(definition, 'name'),
    textOf(definition, 'title'),
  ];
  const [language, valueSet] = [textOf(definition, 'language'), textOf(definition, 'valueSet')];
  const hierarchyMeaning = wordOf(definition, 'hierarchyMeaning', MEANING);
  const isExperimental = flagOf(definition, 'experimental');
  return {
    url: textOf(definition, 'url') ?? '',
    ...(version ? { version } : {}),
    ...(name ? { name } : {}),
    ...(title ? { title } : {}),
    status: wordOf(definition, 'status', STATUS) ?? ('unknown' as const),
    ...(isExperimental === undefined ? {} : { isExperimental }),
    content: wordOf(definition, 'content', CONTENT) ?? ('complete' as const),
    ...(hierarchyMeaning ? { hierarchyMeaning } : {}),
    ...(language ? { language } : {}),
    ...(valueSet ? { valueSet } : {}),
  };
}

interface Parts {
  readonly definition: Definition;
  readonly supplements: readonly Definition[];
  readonly properties: CodeSystemView['properties'];
  readonly isCaseSensitive: boolean;
}

type Selection = Slice & { readonly text?: string; readonly activeOnly?: boolean };

class Content implements Filterable {
  readonly url: string;
  readonly concepts: readonly Concept[];
  readonly roles: Filterable['roles'];
  readonly #byCode: ReadonlyMap<string, Concept>;
  readonly #places: ReadonlyMap<string, number>;
  readonly #fold: (code: string) => string;
  #hierarchy: Hierarchy | undefined;
  #properties: ReadonlySet<string> | undefined;
  readonly #declared: readonly string[];

  constructor({ definition, supplements, properties, isCaseSensitive }: Parts) {
    this.url = textOf(definition, 'url') ?? '';
    this.roles = rolesOf(properties);
    this.#declared = properties.map(({ code }) => code);
    this.concepts = supplemented(conceptsOf(definition, this.roles), supplements);
    this.#fold = isCaseSensitive ? (code) => code : (code) => code.toLowerCase();
    this.#byCode = new Map(this.concepts.map((concept) => [this.#fold(concept.code), concept]));
    this.#places = new Map(this.concepts.map(({ code }, at) => [code, at]));
  }

  get hierarchy(): Hierarchy {
    this.#hierarchy ??= new Hierarchy(this.concepts);
    return this.#hierarchy;
  }

  codeOf = (code: string): string | undefined => this.#byCode.get(this.#fold(code))?.code;

  hasProperty = (code: string): boolean => {
    this.#properties ??= new Set([
      ...this.#declared,
      ...this.concepts.flatMap(({ properties }) => properties.map((one) => one.code)),
    ]);
    return this.#properties.has(code);
  };

  find(codes: readonly string[]): ReadonlyMap<string, Concept> {
    const found = new Map<string, Concept>();
    for (const code of codes) {
      const concept = this.#byCode.get(this.#fold(code));
      if (concept) found.set(code, concept);
    }
    return found;
  }

  children(code: string | undefined, { after, limit }: Slice): readonly string[] {
    const known = code === undefined ? undefined : this.codeOf(code);
    if (code !== undefined && known === undefined) return [];
    const all = known === undefined ? this.hierarchy.roots : this.hierarchy.children(known);
    const from = after === undefined ? 0 : all.indexOf(after) + 1;
    return all.slice(from, from + limit);
  }

  isAncestor(ancestor: string, code: string): boolean {
    const [above, below] = [this.codeOf(ancestor), this.codeOf(code)];
    if (above === undefined || below === undefined || above === below) return false;
    return this.hierarchy.ancestors(below).has(above);
  }

  async select(
    filters: readonly Filter[],
    { after, limit, text, activeOnly }: Selection,
  ): Promise<readonly Concept[]> {
    const { meets, rest } = predicateOf(filters, this);
    const hasText = textPredicate(text);
    const found: Concept[] = [];
    const from = after === undefined ? 0 : (this.#places.get(after) ?? -1) + 1;
    for (let at = from; at < this.concepts.length && found.length < limit; at++) {
      if (at % TURN === TURN - 1) await turn();
      const concept = this.concepts[at];
      if (concept && (concept.isActive || !activeOnly) && meets(concept) && hasText(concept))
        found.push(concept);
      const resting = rest();
      if (resting) await resting;
    }
    return found;
  }

  async matching(codes: readonly string[], filters: readonly Filter[]): Promise<ReadonlySet<string>> {
    const { meets, rest } = predicateOf(filters, this);
    const found = new Set<string>();
    for (const [code, concept] of this.find(codes)) {
      if (meets(concept)) found.add(code);
      const resting = rest();
      if (resting) await resting;
    }
    return found;
  }
}

/** Others get their turn: a list of a hundred thousand holds nobody up. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
