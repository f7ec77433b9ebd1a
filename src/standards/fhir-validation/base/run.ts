import type { BundleIndex, CompiledInvariant, Environment, Verdict } from '../invariants/invariants.ts';
import type { JsonObject } from '../json.ts';
import type { Report } from '../report.ts';

/** One validation under way. */
export interface Run {
  readonly report: Report;
  /** FHIRPath invariants are evaluated as well. */
  readonly invariants: boolean;
  /** How many objects enclose the present one. */
  depth: number;
  /** What holds the element that is being checked; of an extension, what it extends. */
  host: Host;
  /** Profiles that a resource claims, and definitions of extensions; none when no profiles are at hand. */
  readonly profiles?: ProfileHooks;
  /** Walks a resource within another one. */
  readonly enter: (scope: ResourceScope, resource: JsonObject, contained: boolean) => void;
}

export interface Host {
  /** Its type, or the path that defines it: `HumanName`, `Patient.contact`. */
  readonly type: string;
  /** Its path where it is used, without `[x]`: `Patient.name`. */
  readonly path: string;
}

/** What the walk hands on, standing at the place of it. */
export interface ProfileHooks {
  readonly resource: (scope: ResourceScope, resource: JsonObject) => void;
  readonly extension: (scope: ResourceScope, extension: JsonObject, host: Host) => void;
}

/** The resource that is being walked, and what its references may mean. */
export interface ResourceScope {
  /** The resource itself; within a contained one, that one (`%resource`). */
  readonly resource: JsonObject;
  /** The resource that contains it, or itself (`%rootResource`). */
  readonly root: JsonObject;
  /** Type of each contained resource by its id. */
  readonly contained: ReadonlyMap<string, string>;
  /** Ids that something in the root refers to by `#id`. */
  readonly mentioned: Set<string>;
  /** Ids of elements, once one was met. */
  elementIds: Set<string> | undefined;
  /** Something in this resource refers to its container (`#`). */
  refersToContainer: boolean;
  /** The innermost Bundle around it, and fullUrl → resource type of its entries. */
  readonly bundle?: {
    readonly resource: JsonObject;
    readonly types: ReadonlyMap<string, string>;
    readonly index: BundleIndex;
  };
  readonly environment: Environment;
}

export const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** Deeper than any resource that means something; the parser has its own limit on JSON. */
export const MAX_DEPTH = 100;

export function checkInvariants(
  run: Run,
  scope: ResourceScope,
  invariants: readonly CompiledInvariant[],
  focus: unknown,
): void {
  for (const invariant of invariants)
    reportVerdict(run.report, invariant, invariant.holds(focus, scope.environment));
}

/** What is too costly to be decided is refused, in the severity of the rule. */
export function reportVerdict(
  report: Report,
  { key, severity, rule }: CompiledInvariant,
  verdict: Verdict,
): void {
  if (verdict === false) report.add(severity, 'invariant', rule);
  else if (verdict === 'too-costly')
    report.add(severity, 'too-costly', `${key}: takes too long on this resource`);
}
