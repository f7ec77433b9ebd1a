import type { ExtensionContext, Structure, ValueSetCodes } from '../../fhir/index.ts';
import type { Environment } from '../invariants/invariants.ts';
import type { Report } from '../report.ts';
import type { ElementNames, Occurrence } from './occurrences.ts';
import type { Element } from './tree.ts';

/** Where compiled profiles come from. */
export interface Profiles {
  /** Undefined when nobody knows it. */
  profile(canonical: string): CompiledProfile | 'no-snapshot' | undefined;
  tree(canonical: string): Element | undefined;
  structure(canonical: string): Structure | 'no-snapshot' | undefined;
  /** The type that a profile, or a type's own canonical, constrains. */
  typeOf(canonical: string): string | undefined;
  codes(valueSet: string): ValueSetCodes | undefined;
}

/** The validation of one resource, or a part of one, against profiles. */
export interface ProfileRun {
  readonly report: Report;
  readonly profiles: Profiles;
  readonly invariants: boolean;
  readonly environment: Environment;
  /** How many profiles are being checked within one another; definitions may refer to themselves. */
  readonly nesting: number;
}

export const MAX_NESTING = 24;

export interface CompiledProfile {
  readonly url: string;
  readonly type: string;
  /** Of an extension's definition: where it may stand. */
  readonly contexts: readonly ExtensionContext[];
  /** Of an extension's definition: the relative urls of the extensions within it. */
  readonly parts: ReadonlySet<string>;
  /** Of an extension's definition: it changes the meaning of what it extends. */
  readonly modifier: boolean;
  readonly root: CompiledElement;
}

/** What a profile asks of an element beyond R4; what asks nothing is left out. */
export interface CompiledElement {
  readonly name: string;
  readonly names: ElementNames;
  readonly min: number;
  readonly max: number;
  readonly tooFew: string;
  readonly tooMany: string;
  readonly checks: readonly Check[];
  readonly children: readonly CompiledElement[];
  readonly slicing?: CompiledSlicing;
}

export type Check = (run: ProfileRun, occurrence: Occurrence) => void;
export type Matcher = (run: ProfileRun, occurrence: Occurrence) => boolean;

export interface CompiledSlicing {
  readonly slices: readonly { readonly matches: Matcher; readonly element: CompiledElement }[];
  readonly ordered: boolean;
  readonly rules: 'closed' | 'open' | 'openAtEnd';
  readonly url: string;
}

export const withoutVersion = (canonical: string): string => {
  const bar = canonical.indexOf('|');
  return bar === -1 ? canonical : canonical.slice(0, bar);
};
