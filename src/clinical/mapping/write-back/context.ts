import type { Reference, Resource } from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../standards/hl7v2/index.ts';
import type { Finding } from '../context.ts';

/** What a converter on the way back is handed beside its value. */
export interface WriteContext {
  /** When what is reported became known here: EVN-2. The same for every repeat. */
  readonly at: Date;
  /** The clocks that times are written in; without them each keeps the offset it has. */
  readonly zone: string | undefined;
  /** Whether times are written with their offset. */
  readonly offsets: boolean;
  /** The receiving system, by its name in the configuration: its own code systems go back under the names that it gave them. */
  readonly system: string | undefined;
  /** Names of code systems for this receiver, by URI; before those of table 0396. */
  readonly codeSystems: Readonly<Record<string, string>>;
  readonly known: Known;
  /** What was left out, and why. Never a value. */
  readonly findings: Finding[];
  /** The position of the item among those of its segment, from 0. */
  readonly index: number;
  /** `PID^1^3`. */
  readonly place: string;
}

/** A datatype on the way back: one FHIR value to one repetition of a field; undefined when it says nothing. */
export type Writer<T> = (value: T, context: WriteContext) => RepetitionValue;

/** Resources that others refer to. */
export type Known = ReadonlyMap<string, Resource>;

export const knownOf = (resources: readonly Resource[]): Known =>
  new Map(resources.map((resource) => [`${resource.resourceType}/${resource.id ?? ''}`, resource]));

type Type = Resource['resourceType'];

/** The resource that a reference leads to, when it is of that type and known. */
export function resolve<T extends Type>(
  { known }: Pick<WriteContext, 'known'>,
  reference: Reference | undefined,
  type: T,
): Extract<Resource, { resourceType: T }> | undefined {
  const target = known.get(reference?.reference?.replace(/\/_history\/.*$/, '') ?? '');
  return target?.resourceType === type ? (target as Extract<Resource, { resourceType: T }>) : undefined;
}

/** Says that something was left out. */
export const leaveOut = ({ findings, place }: WriteContext, rule: string): undefined =>
  void findings.push({ place, rule });

/** A list without the empty items at its end; undefined when nothing is left. */
export function components<T>(parts: readonly (T | undefined)[]): (T | undefined)[] | undefined {
  const last = parts.findLastIndex((part) => part !== undefined && part !== '');
  return last < 0 ? undefined : parts.slice(0, last + 1);
}
