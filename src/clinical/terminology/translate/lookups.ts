import type { CompiledRules } from './rules.ts';
import { codesOf, isLocal, textsOf, UCUM, unitsOf, type Wanted } from './targets.ts';
import type { Content } from './walk.ts';

/** A code that is to be translated. */
export interface Lookup {
  /** Tells it from every other under the same rules. */
  readonly key: string;
  readonly kind: 'code' | 'unit';
  readonly system: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
  readonly targets: readonly string[];
}

/** What is longer is no code, and no name of one. */
const MAX_CODE = 200;
const MAX_SYSTEM = 500;
const MAX_TEXT = 100;

/** Codes of a concept, of whom nobody knows yet what they are in the systems that are wanted. */
export interface Asked {
  readonly lookups: readonly Lookup[];
  /** Systems that the concept has a code of already: nothing is added of them. */
  readonly present: ReadonlySet<string>;
  /** Its sender said enough: it is not unmapped, whatever comes of the lookups. */
  readonly isEnough: boolean;
}

const nothing: Asked = { lookups: [], present: new Set(), isEnough: true };

export function askedOf(
  concept: Content,
  wanted: Wanted,
  scope: { sender: string; rules: CompiledRules },
): Asked {
  if (wanted.targets.length === 0) return nothing;
  const codings = codingsOf(concept);
  const present = new Set(codings.flatMap(({ system }) => (typeof system === 'string' ? [system] : [])));
  if (wanted.targets.every((target) => present.has(target))) return nothing;
  const isEnough = [...wanted.targets, ...wanted.enough].some((system) => present.has(system));
  const lookups = codings.flatMap((coding) => lookupOf(coding, wanted, scope.sender) ?? []);
  if (codings.length === 0 && wanted.byText) lookups.push(...textLookup(concept, wanted, scope.sender));
  return { lookups, present, isEnough };
}

function lookupOf(coding: Content, wanted: Wanted, sender: string): Lookup | undefined {
  const { system, version, code, display } = coding;
  if (typeof code !== 'string') return undefined;
  const from = typeof system === 'string' ? cleaned(system) : codesOf(sender);
  if (wanted.targets.includes(from) || (wanted.onlyLocal && !isLocal(from))) return undefined;
  const lookup = {
    ...{ kind: 'code' as const, system: from, code: cleaned(code), targets: wanted.targets },
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof display === 'string' ? { display: cleaned(display).slice(0, MAX_CODE) } : {}),
  };
  return isUsable(lookup, MAX_CODE) ? { ...lookup, key: keyOf(lookup) } : undefined;
}

/** What stands in words where a code should be, such as the allergen of a sender that knows no codes: the text is its code. */
function textLookup({ text }: Content, { targets }: Wanted, sender: string): Lookup[] {
  if (typeof text !== 'string') return [];
  const lookup = { kind: 'code' as const, system: textsOf(sender), code: cleaned(text), targets };
  return isUsable(lookup, MAX_TEXT) ? [{ ...lookup, key: keyOf(lookup) }] : [];
}

const UNIT_TARGETS = [UCUM];

/** The unit of a quantity, unless it is one of UCUM already. */
export function unitLookup({ system, code, unit }: Content, sender: string): Lookup | undefined {
  const spelled = typeof code === 'string' ? code : unit;
  if (system === UCUM || typeof spelled !== 'string') return undefined;
  const lookup = {
    ...{ kind: 'unit' as const, code: cleaned(spelled), targets: UNIT_TARGETS },
    system: typeof system === 'string' ? cleaned(system) : unitsOf(sender),
  };
  return isUsable(lookup, MAX_CODE) ? { ...lookup, key: keyOf(lookup) } : undefined;
}

const keyOf = ({ kind, targets, system, version = '', code }: Omit<Lookup, 'key'>): string =>
  `${kind === 'unit' ? '' : targets.join(' ')}\n${system}\n${version}\n${code}`;

const isUsable = (
  { system, code }: { readonly system: string; readonly code: string },
  max: number,
): boolean => code !== '' && code.length <= max && system.length <= MAX_SYSTEM;

/** Nothing that no database text holds. */
const cleaned = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '').trim();

export const codingsOf = ({ coding }: Content): readonly Content[] =>
  Array.isArray(coding)
    ? coding.filter((one): one is Content => typeof one === 'object' && one !== null)
    : [];
