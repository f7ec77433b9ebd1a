import type { Clock } from '../../foundation/clock/index.ts';
import type { ClientCheck } from '../../foundation/http/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { Validator } from '../../standards/fhir-validation/index.ts';
import type { TerminologySource } from '../../standards/terminology/index.ts';
import type { Access, AccessContext } from '../../trust/access/index.ts';
import type { BodyLimits } from './http/body.ts';
import type { IdentityFaces, Interaction, Noted } from './interaction.ts';

export interface FhirApiOptions {
  readonly access: Pick<Access, 'openRecord' | 'openIdentity'>;
  /** Whether who is who is served: `$match`, `$ihe-pix`, `$merge` and what else goes by `access.openIdentity`. Default false. */
  readonly identity?: IdentityFaces;
  /** Who is let in. Everything but `metadata` asks. */
  readonly check: ClientCheck;
  /** For whom the record is opened when this client asks. */
  readonly contextOf: (client: string) => AccessContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  readonly validator: Validator;
  /** Where the terminology operations find definitions; by default what is built in. */
  readonly terminology?: { source(): Promise<TerminologySource> };
  /** What cursors of pages are sealed with; the same on every node of one database. */
  readonly secret: string;
  /** The address that the world knows, `https://isthmus.example/fhir/R4`. Default: as the request names it. */
  readonly baseUrl?: string;
  /** Profiles that are loaded, by type, for the CapabilityStatement. */
  readonly profilesOf?: (type: string) => readonly string[];
  /** Rows of other modules for the table. */
  readonly further?: readonly Interaction[];
  readonly limits?: Partial<BodyLimits>;
  /** Searches, histories and transactions that run at the same time, each on a connection; default 4. */
  readonly concurrency?: number;
  /** Is told of every answer to a known client before it leaves. When it throws, the answer does not leave. */
  readonly heard?: (heard: readonly Heard[]) => Promise<void>;
}

/** Who asked for what, and what came of it. Without an interaction there was none at the address. */
export interface Heard extends Omit<Noted, 'interaction'> {
  readonly interaction: Interaction | undefined;
  readonly caller: string;
  readonly correlationId: string;
}
