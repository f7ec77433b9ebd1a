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
  /** It stands where procedures do. */
  readonly isProcedure?: boolean;
}

/** What is longer is no code, and no name of one. */
const MAX_CODE = 200;
const MAX_SYSTEM = 500;
const MAX_TEXT = 100;

/** Codes of a concept or a unit, of whom nobody knows yet what they are in the systems that are wanted. */
export interface Asked {
  readonly lookups: readonly Lookup[];
  /** Systems that the concept has a code of already: nothing is added of them. */
  readonly present: readonly string[];
  /** Its sender said enough: it is not unmapped, whatever comes of the lookups. */
  readonly isEnough: boolean;
}

const NOTHING: Asked = { lookups: [], present: [], isEnough: true };

export function askedOf(concept: Content, wanted: Wanted, sender: string): Asked {
  const { targets, enough } = wanted;
  if (targets.length === 0) return NOTHING;
  const codings = codingsOf(concept);
  if (codings.length === 0) return wanted.byText ? askedOfText(concept, wanted, sender) : NOTHING;
  const lookups: Lookup[] = [];
  const present: string[] = [];
  let isEnough = false;
  for (const coding of codings) {
    const lookup = lookupOf(coding, wanted, sender);
    if (lookup) lookups.push(lookup);
    const { system } = coding;
    if (typeof system !== 'string') continue;
    present.push(system);
    isEnough ||= targets.includes(system) || enough.includes(system);
  }
  if (lookups.length === 0 || targets.every((target) => present.includes(target))) return NOTHING;
  return { lookups, present, isEnough };
}

function lookupOf(coding: Content, wanted: Wanted, sender: string): Lookup | undefined {
  const { system, version, code, display } = coding;
  if (typeof code !== 'string') return undefined;
  const from = typeof system === 'string' ? cleaned(system) : codesOf(sender);
  if (wanted.targets.includes(from) || (wanted.onlyLocal && !isLocal(from))) return undefined;
  return made(wanted, MAX_CODE, {
    ...{ kind: 'code', system: from, code: cleaned(code) },
    ...(wanted.isProcedure ? { isProcedure: true } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof display === 'string' ? { display: cleaned(display).slice(0, MAX_CODE) } : {}),
  });
}

/** What stands in words where a code should be, such as the allergen of a sender that knows no codes: the text is its code. */
function askedOfText({ text }: Content, wanted: Wanted, sender: string): Asked {
  if (typeof text !== 'string') return NOTHING;
  const lookup = made(wanted, MAX_TEXT, { kind: 'code', system: textsOf(sender), code: cleaned(text) });
  return lookup ? { lookups: [lookup], present: [], isEnough: false } : NOTHING;
}

const UNITS = { targets: [UCUM], key: 'unit' };

/** The unit of a quantity, unless it is one of UCUM already. */
export function askedOfUnit({ system, code, unit }: Content, sender: string): Asked {
  const spelled = typeof code === 'string' ? code : unit;
  if (system === UCUM || typeof spelled !== 'string') return NOTHING;
  const from = typeof system === 'string' ? cleaned(system) : unitsOf(sender);
  const lookup = made(UNITS, MAX_CODE, { kind: 'unit', system: from, code: cleaned(spelled) });
  return lookup ? { lookups: [lookup], present: [], isEnough: false } : NOTHING;
}

/** Undefined for what can be no code. */
function made(
  { targets, key }: Pick<Wanted, 'targets' | 'key'>,
  max: number,
  asked: Omit<Lookup, 'key' | 'targets'>,
): Lookup | undefined {
  const { system, version = '', code, isProcedure = false } = asked;
  if (code === '' || code.length > max || system.length > MAX_SYSTEM) return undefined;
  return {
    ...asked,
    targets,
    key: `${key}\n${system}\n${version}\n${code}${isProcedure ? '\nprocedure' : ''}`,
  };
}

const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/** Nothing that no database text holds, and no blanks around. */
const cleaned = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(/[\p{Cc}\p{Cs}]/gu, '').trim();

export const codingsOf = ({ coding }: Content): readonly Content[] => {
  if (!Array.isArray(coding)) return [];
  return coding.every(isObject) ? coding : coding.filter(isObject);
};

const isObject = (value: unknown): value is Content => typeof value === 'object' && value !== null;
