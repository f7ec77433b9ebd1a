import type { Readable } from 'node:stream';
import type { Clock } from '../../foundation/clock/index.ts';
import type { SealedTokens } from '../../foundation/crypto/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { Validator } from '../../standards/fhir-validation/index.ts';
import type { TerminologySource } from '../../standards/terminology/index.ts';
import type { IdentityDoor, OpenRecord } from '../../trust/access/index.ts';

/** Name and value, decoded, in the order in which they came; a name may come several times. */
export type Parameter = readonly [name: string, value: string];

/** What the parts of an address stand for: `/Observation/1/_history/2` is type, id and version. */
export interface Target {
  readonly type?: string;
  readonly id?: string;
  readonly version?: string;
  /** The type that is searched within a patient's compartment; `type` is Patient then. */
  readonly within?: string;
}

/** http.html#prefer. */
export interface Preference {
  readonly return: 'minimal' | 'representation' | 'OperationOutcome';
  readonly handling: 'strict' | 'lenient';
  /** `respond-async`. */
  readonly async: boolean;
}

/** A request as every interaction gets it: from HTTP, or from an entry of a batch. */
export interface FhirRequest {
  readonly method: Method;
  /** `https://isthmus.example/fhir/R4`. */
  readonly base: string;
  /** `/Observation/1`: below the base, without the query. */
  readonly path: string;
  readonly target: Target;
  /** Of the query, and of the form of a POST. */
  readonly parameters: readonly Parameter[];
  /** By name in lower case; repeated ones are joined by a comma. */
  readonly header: (name: string) => string | undefined;
  /** Of the body, in lower case and without parameters; empty where there is none. */
  readonly contentType: string;
  readonly prefer: Preference;
  /** Empty where none was sent. */
  readonly body: Uint8Array;
  /** The client, by its name. */
  readonly caller: string;
  /** Opened for the caller. Throws UNAUTHENTICATED where an open interaction looks at it. */
  readonly record: OpenRecord;
  /** Who is who, opened for the caller. Throws UNAUTHENTICATED, and INTERNAL where the API is served without it. */
  readonly identity: () => IdentityDoor;
  readonly correlationId: string;
  /** So many bytes will have been answered. Throws BUSY when too many answers wait to be taken. */
  readonly hold: (bytes: number) => void;
  /** For interactions within this one, as those of a batch: told with it before the answer leaves. */
  readonly note: (noted: Noted) => void;
}

/** What was done, for the audit trail: ids only. */
export interface Noted {
  readonly interaction: Interaction;
  /** `Observation/1`, `Observation`; undefined for the whole system. */
  readonly reference: string | undefined;
  readonly status: number;
  /** As in FhirAnswer. */
  readonly unwritten?: boolean;
}

export interface FhirAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON of FHIR; absent where there is nothing to say. */
  readonly body?: string | Uint8Array;
  /** In place of `body`, for what is longer than memory; over HTTP only. */
  readonly stream?: Readable;
  /** Only for what is not JSON of FHIR. */
  readonly contentType?: string;
  /** What was read or written, where the address does not tell: for the audit trail. */
  readonly reference?: string;
  /** A write that found nothing to do: what it showed was read. */
  readonly unwritten?: true;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a body may be: its media types and its largest size hang on it (http/body.ts). */
export type BodyKind = 'none' | 'resource' | 'patch' | 'bundle' | 'form' | 'parameters';

/** An interaction by its code (valueset-type-restful-interaction, -system-restful-interaction), or an operation by its definition. */
export type Capability =
  | { readonly level: 'type' | 'system'; readonly code: string }
  | {
      readonly level: 'type' | 'system';
      readonly operation: string;
      readonly definition: string;
      /** For an operation of certain types only. */
      readonly types?: readonly string[];
    };

/** A row of the table of interactions (table.ts): routes, limits, audit and CapabilityStatement are made from it. */
export interface Interaction {
  /** For the audit trail and the log, unique in the table. */
  readonly name: string;
  readonly method: Method;
  /**
   * Below the base: segments are literal, or `:type`, `:id`, `:version`, `:within`. `:type` takes the types that are served, and no
   * segment takes what begins with `_` or `$` unless it is written so here.
   */
  readonly path: string;
  readonly body: BodyKind;
  /** Media types of its answers beside JSON of FHIR, so that Accept may ask for them. */
  readonly produces?: readonly string[];
  /** What it does to the record: what writes is audited within its transaction. */
  readonly effect: 'read' | 'write';
  /** Where and as what it stands in the CapabilityStatement. */
  readonly capability?: Capability | readonly Capability[];
  /** Served without a token. */
  readonly open?: true;
  /** Only as a request of its own, not as an entry of a batch or transaction: its answer is more than a resource. */
  readonly alone?: true;
  readonly run: (request: FhirRequest, services: Services) => Promise<FhirAnswer>;
}

/** How who is who is served. */
export interface IdentityFaces {
  /** Systems of identifiers that the site declares: they are known before the first patient has come. */
  readonly systems: () => readonly string[];
}

interface Software {
  readonly version: string;
  /** When this version was started, for `date`. */
  readonly startedAt: Date;
}

/** What interactions work with beside the record. */
export interface Services {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly validator: Validator;
  /** Definitions of terminology as of now; there is no patient in them. */
  readonly terminology: () => Promise<TerminologySource>;
  /** Seals and opens the cursors of pages. */
  readonly cursors: SealedTokens;
  /** How who is who is served, where it is. */
  readonly identity?: IdentityFaces;
  /** Profiles that are known, by type, for `supportedProfile`. */
  readonly profilesOf: (type: string) => readonly string[];
  readonly software: Software;
  /** The table, which a batch routes its entries by. */
  readonly interactions: readonly Interaction[];
}
