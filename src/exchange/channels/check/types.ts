import type { ZodType } from 'zod';
import type { DestinationKind, SourceKind } from '../../connectors/index.ts';
import type { StepKind } from '../plan/types.ts';

/** One mistake of a configuration. Neither part ever carries a secret. */
export interface Mistake {
  /** `channels.adt.to[1].port` */
  readonly place: string;
  /** What is wrong, or what was expected. */
  readonly rule: string;
}

export type AnySourceKind = SourceKind<unknown>;
export type AnyDestinationKind = DestinationKind<unknown>;

/** Everything a configuration may name. */
export interface Kinds {
  readonly sources: readonly AnySourceKind[];
  readonly destinations: readonly AnyDestinationKind[];
  readonly steps: readonly StepKind[];
  /** The options of `record()`. Default: none. */
  readonly record?: ZodType;
  /** The section `identity`. Default: there is none. */
  readonly identity?: ZodType;
}

export interface CheckOptions {
  readonly kinds: Kinds;
  /** Where secrets are looked up. A secret that is not there is a mistake. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder secret files are relative to. */
  readonly folder?: string;
}

export type Report = (place: string, rule: string) => void;
