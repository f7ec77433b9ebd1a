/** Parts are compared as numbers where both are: 2.10 is after 2.9, 20240301 after 20230901, 4.0.1 after 4.0. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [a = '', b = ''] = [left[at], right[at]];
    const order = /^\d+$/.test(a) && /^\d+$/.test(b) ? compareNumbers(a, b) : compareTexts(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

const partsOf = (version: string): readonly string[] => version.split(/[^0-9A-Za-z]+/);

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Digits of any length. */
function compareNumbers(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')];
  return a.length - b.length || compareTexts(a, b);
}

export interface Versioned {
  readonly version?: string | undefined;
  readonly status?: string | undefined;
}

/** The one that is meant where no version is asked for: the latest that is active, else the latest that is not retired, else the latest. */
export function currentOf<V extends Versioned>(all: readonly V[]): V | undefined {
  const rank = ({ status }: Versioned) => (status === 'active' ? 2 : status === 'retired' ? 0 : 1);
  let best: V | undefined;
  for (const one of all) {
    if (!best) {
      best = one;
      continue;
    }
    const order = rank(one) - rank(best) || compareVersions(one.version ?? '', best.version ?? '');
    if (order > 0) best = one;
  }
  return best;
}

/**
 * Whether a version is what a pattern asks for: the version itself, one with `x` or `*` for parts of it (`1.0.x`, `2024.*`), or a SNOMED CT edition of which it is a version
 * (http://snomed.info/sct/731000124108).
 */
export function meetsVersion(pattern: string, version: string): boolean {
  if (pattern === version || version.startsWith(`${pattern}/version/`)) return true;
  if (!isPattern(pattern)) return false;
  const [wanted, parts] = [pattern.split('.'), version.split('.')];
  const last = wanted.at(-1) ?? '';
  if (wanted.length !== parts.length && !(wanted.length < parts.length && isAny(last))) return false;
  return wanted.every((part, at) => isAny(part) || part === parts[at]);
}

const isAny = (part: string): boolean => part === 'x' || part === 'X' || part === '*';

const isPattern = (version: string): boolean => version.split('.').some(isAny);
