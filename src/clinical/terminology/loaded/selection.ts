import type { Queryable } from '../../../foundation/database/index.ts';
import type { CodeSystemHeader } from '../load/types.ts';

/** What concepts are selected from: one version that is loaded. */
export interface Selection {
  readonly database: Queryable;
  readonly load: number;
  readonly url: string;
  readonly header: CodeSystemHeader;
  readonly folded: (code: string) => string;
}
