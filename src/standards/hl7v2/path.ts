/** `PID-3[2].4.2`: segment, its occurrence, field, repetition, component, subcomponent; all counted from 1. */
export interface Path {
  readonly segment: string;
  readonly occurrence: number;
  readonly field: number;
  /** 0 where the path leaves it out, as with component and subcomponent; reading takes the first then. */
  readonly repetition: number;
  readonly component: number;
  readonly subcomponent: number;
}

const grammar = /^([A-Z][A-Za-z0-9]{2})(?:\[(\d+)\])?-(\d+)(?:\[(\d+)\])?(?:\.(\d+)(?:\.(\d+))?)?$/;
const MAX_CACHED = 2_000;
const cache = new Map<string, Path>();

/**
 * Reads a path as `PID-3`, `PID-3[2].4.2` or `OBX[3]-5`. Paths are written by programmers and configuration, so a wrong
 * one throws TypeError.
 */
export function parsePath(text: string): Path {
  const known = cache.get(text);
  if (known) return known;
  const match = grammar.exec(text);
  if (!match) throw new TypeError(`not a path of the form PID-3[2].4.2: ${text}`);
  const [
    ,
    segment = '',
    occurrence = '1',
    field = '',
    repetition = '0',
    component = '0',
    subcomponent = '0',
  ] = match;
  const path: Path = {
    segment,
    occurrence: Number(occurrence),
    field: Number(field),
    repetition: Number(repetition),
    component: Number(component),
    subcomponent: Number(subcomponent),
  };
  if (match.slice(2).some((number) => Number(number) === 0)) throw new TypeError(`${text} counts from 1`);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(text, path);
  return path;
}
