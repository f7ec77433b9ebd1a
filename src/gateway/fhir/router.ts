import { isResourceId } from '../../standards/fhir/index.ts';
import { FhirFailure, invalid, notFound } from './failure.ts';
import type { Interaction, Method, Target } from './interaction.ts';

export interface Routed {
  readonly interaction: Interaction;
  readonly target: Target;
}

/** Finds the interaction for a method and a path below the base (`/Observation/1`, not decoded). Throws NOT_FOUND, METHOD_NOT_ALLOWED. */
export type Router = (method: string, path: string) => Routed;

interface Row {
  readonly interaction: Interaction;
  readonly segments: readonly string[];
}

const MAX_SEGMENTS = 6;

/** The table as a router. Where two rows fit a path, the one with more literal segments takes it. HEAD goes where GET goes. */
export function createRouter(
  interactions: readonly Interaction[],
  isServed: (type: string) => boolean,
): Router {
  const rows = new Map<number, Row[]>();
  for (const interaction of interactions) {
    const segments = segmentsOf(interaction.path);
    rows.set(segments.length, [...(rows.get(segments.length) ?? []), { interaction, segments }]);
  }
  for (const same of rows.values()) same.sort((one, other) => literals(other) - literals(one));
  return (method, path) => {
    const segments = segmentsOf(path);
    const fitting = (rows.get(segments.length) ?? []).filter((row) => fits(row.segments, segments, isServed));
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = fitting.find(({ interaction }) => interaction.method === wanted);
    if (found) return { interaction: found.interaction, target: targetOf(found.segments, segments) };
    if (fitting.length === 0) throw notFound();
    throw notAllowed(fitting);
  };
}

const literals = ({ segments }: Row): number => segments.filter((one) => !one.startsWith(':')).length;

function segmentsOf(path: string): string[] {
  const parts = path.split('/', MAX_SEGMENTS + 2).slice(1);
  // `/fhir/R4/` is the base, too; `/Patient/` is not the type.
  return parts.length === 1 && parts[0] === '' ? [] : parts.map(decoded);
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid('address', 'percent-encoded UTF-8');
  }
}

function fits(
  pattern: readonly string[],
  segments: readonly string[],
  isServed: (type: string) => boolean,
): boolean {
  return pattern.every((name, index) => {
    const segment = segments[index] ?? '';
    if (name === ':type') return isServed(segment);
    if (name === ':within') return segment === '*' || isServed(segment);
    if (name === ':id' || name === ':version') return isResourceId(segment);
    return name === segment;
  });
}

function targetOf(pattern: readonly string[], segments: readonly string[]): Target {
  const target: { type?: string; id?: string; version?: string; within?: string } = {};
  pattern.forEach((name, index) => {
    const segment = segments[index] ?? '';
    if (name === ':type') target.type = segment;
    else if (name === ':within') target.within = segment;
    else if (name === ':id') target.id = segment;
    else if (name === ':version') target.version = segment;
    else if (index === 0 && /^[A-Z]/.test(segment)) target.type = segment;
  });
  return target;
}

function notAllowed(rows: readonly Row[]): FhirFailure {
  const methods = new Set<Method>(rows.map(({ interaction }) => interaction.method));
  if (methods.has('GET')) methods.add('HEAD');
  return new FhirFailure('METHOD_NOT_ALLOWED', { headers: { allow: [...methods].sort().join(', ') } });
}
