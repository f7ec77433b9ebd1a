import type { AuditBatches, AuditPort } from '../../../foundation/audit/index.ts';
import type { Clock } from '../../../foundation/clock/index.ts';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Database } from '../../../foundation/database/index.ts';
import type { Loaded } from '../translate/finder.ts';
import { type Applied, type ApplyRequest, applyTranslation } from './apply.ts';
import { candidatesOf } from './candidates.ts';
import { ignoreUnmapped, mapUnmapped } from './decide.ts';
import { listUnmapped } from './list.ts';
import type {
  Candidate,
  Decided,
  Decider,
  MapDecision,
  UnmappedCode,
  UnmappedFilter,
  UnmappedList,
} from './types.ts';

/** The codes that no map translates, and what people decide of them. Whoever opens it has made sure that they may. */
export interface WorkList {
  list(filter: UnmappedFilter): Promise<UnmappedList>;
  /** For a person to review, by the id in the list. */
  candidates(codes: readonly UnmappedCode[]): Promise<ReadonlyMap<number, readonly Candidate[]>>;
  map(decision: MapDecision): Promise<Decided>;
  ignore(decision: Decider & { readonly id: number }): Promise<UnmappedCode>;
  apply(request: ApplyRequest): Promise<Applied>;
}

export interface WorkListOptions {
  readonly database: Database;
  readonly loaded: Loaded;
  readonly audit: AuditPort & Pick<AuditBatches, 'recordAllIn'>;
  readonly clock: Clock;
  /** Opens and seals contents of the record. */
  readonly keyring?: Keyring;
}

export const createWorkList = (options: WorkListOptions): WorkList => ({
  list: (filter) => listUnmapped(options.database, filter),
  candidates: async (codes) => candidatesOf(await options.loaded.source(), codes),
  map: (decision) => mapUnmapped(options, decision),
  ignore: (decision) => ignoreUnmapped(options, decision),
  apply: (request) => applyTranslation(options, request),
});
