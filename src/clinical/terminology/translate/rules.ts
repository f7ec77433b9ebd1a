import { type Wanted, wantedIn, wantedOf } from './targets.ts';

/** What a channel's `translate()` asks for. */
export interface TranslationRules {
  /** The name of the translation: what was decided under it goes before what is loaded. */
  readonly name: string;
  /** By element, in place of the default; none leaves the element as it is. */
  readonly targets?: Readonly<Record<string, readonly string[]>>;
  /** Canonicals of the concept maps, if only these. */
  readonly maps?: readonly string[];
}

/** The canonical of the concept map that holds what was decided under this name. */
export const ownMapOf = (name: string): string => `${OWN_MAPS}${name}`;
export const OWN_MAPS = 'urn:isthmus:translation:';

/** Names are parts of canonicals and of ids. */
export const translationName = /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/;

/** What `compileRules` makes of a rule but its name, as it is kept. */
export const rulesText = ({ targets = {}, maps }: TranslationRules): string =>
  JSON.stringify({ targets, ...(maps ? { maps } : {}) });

/** Rules ready to be asked, with a text that is the same for the same rules. */
export interface CompiledRules extends TranslationRules {
  readonly key: string;
  /** Of an element with its path and `[x]`; the same object at every call. */
  wanted(element: string): Wanted;
}

export function compileRules(rules: TranslationRules): CompiledRules {
  const known = new Map<string, Wanted>();
  const own = new Map(Object.entries(rules.targets ?? {}));
  return {
    ...rules,
    key: JSON.stringify([rules.name, rules.maps ?? null]),
    wanted(element) {
      const before = known.get(element);
      if (before) return before;
      const targets = own.get(element);
      const made = targets ? wantedIn(element, targets) : wantedOf(element);
      known.set(element, made);
      return made;
    },
  };
}
