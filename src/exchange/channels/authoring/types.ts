import type { ReusePolicy } from '../../queue/index.ts';
import type { Message } from '../message/message.ts';
import type { Duration } from './duration.ts';
import type { Secret } from './secrets.ts';

/**
 * What a configuration says, as plain data. The authoring functions (`channel`, `mllp`, `transform` …) only build these
 * descriptors; nothing here opens a port or runs a step. `checkConfig` judges them, `createChannels` brings them to life.
 */

/** Which connector's options: plain values, secrets by reference, nested objects. Judged by the connector kind's own schema. */
export type OptionValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | Secret
  | readonly OptionValue[]
  | { readonly [name: string]: OptionValue };
export type Options = { readonly [name: string]: OptionValue };

export type SystemRole = 'ehr' | 'telehealth' | 'other';

/** A system we connect, and how it is reached: what a destination of that kind does not say itself comes from here. */
export interface SystemDescriptor {
  readonly role: SystemRole;
  /** The assigning authority (an OID or a namespace) of identifiers this system sends without one (PID-3.4 empty). */
  readonly authority?: string;
  /** Systems of one trust group may be sent each other's HL7 v2 messages as they came. Default: `default`. */
  readonly trust?: string;
  /** How it is reached, by connector kind: `{ mllp: { host, port }, webhook: { url, secret } }`. */
  readonly connections: Readonly<Record<string, Options>>;
}

export interface SourceDescriptor {
  readonly role: 'source';
  readonly kind: string;
  /** Which declared system is at the other end. */
  readonly system?: string;
  readonly options: Options;
}

/** What an HL7 v2 message may be asked without reading its content: its event. */
export interface EventMatch {
  readonly match: 'event';
  /** `A04`, `ADT^A04` or `ADT` (or, for JSON, the whole type). */
  readonly events: readonly string[];
}

export type Condition = (message: Message) => boolean | Promise<boolean>;

export type DeliveryOrder = 'strict' | 'key';

export interface RetryOptions {
  /** First pause after a transient failure. Doubles, with jitter, up to `maxMs`. */
  readonly firstMs?: number;
  readonly maxMs?: number;
  /** How often a negative answer (AE, HTTP 4xx) is tried before the message is parked. */
  readonly answerErrorTries?: number;
}

/** What every destination understands, whatever its kind. */
export interface DeliveryOptions {
  /** Which messages go there: `event('A04', 'A08')` or a function. Default: all. */
  readonly only?: EventMatch | Condition;
  /** Steps for this destination alone, after those of the channel. */
  readonly steps?: readonly StepDescriptor[];
  /** Its name within the channel. Default: the system's name. */
  readonly name?: string;
  /** `strict`: one in flight; `key`: one in flight per key. Default: `strict` in a strict channel, else `key`. */
  readonly order?: DeliveryOrder;
  /** `each`: the position is committed after every delivery, for charges and orders. Default `window`. */
  readonly commit?: 'each' | 'window';
  readonly retry?: RetryOptions;
  /** `message`: the message itself; `changes`: a notification of what it changed in the record. */
  readonly send?: 'message' | 'changes';
}

export interface DestinationDescriptor extends DeliveryOptions {
  readonly role: 'destination';
  readonly kind: string;
  readonly system: string;
  readonly options: Options;
}

/** What `record()` takes. */
export interface RecordOptions {
  /** The clocks of times without an offset, where MSH-7 doesn't say: `America/New_York`. Default UTC. */
  readonly zone?: string;
  /**
   * Canonical URLs of profiles, perhaps with `|version`. What this channel writes of a profile's type is held against it; what breaks it is
   * stored all the same, with its issues, and found by the tag `urn:isthmus:validation|invalid`.
   */
  readonly profiles?: readonly string[];
  /** What this sender means otherwise, or beside what is mapped: `extend({ … })` (docs/how-to/map-a-site.md). */
  readonly mapping?: Options;
}

/** Writes into the record, in the pipeline's own transaction; it has no queue. */
export interface RecordDescriptor {
  readonly role: 'record';
  readonly kind: 'record';
  readonly only?: EventMatch | Condition;
  readonly options: Options;
}

export type TargetDescriptor = DestinationDescriptor | RecordDescriptor;

/** What a transform may give back: nothing (it edited in place), the message, or new content. */
export type Content = Message | Uint8Array | string | { readonly [name: string]: unknown };

export interface FilterStep {
  readonly kind: 'filter';
  readonly run: Condition | EventMatch;
  readonly timeoutMs?: number;
}
export interface TransformStep {
  readonly kind: 'transform' | 'enrich';
  readonly run: (message: Message) => Content | undefined | Promise<Content | undefined>;
  readonly timeoutMs?: number;
}
export interface SplitStep {
  readonly kind: 'split';
  readonly run: (message: Message) => readonly Content[] | Promise<readonly Content[]>;
  readonly timeoutMs?: number;
}
/** A step the product brings (`identify`, `closeVisit` …): its implementation is injected under its kind. */
export interface BuiltInStep {
  readonly kind: 'built-in';
  readonly name: string;
  readonly options: Options;
}
export type FunctionStep = FilterStep | TransformStep | SplitStep;
export type StepDescriptor = FunctionStep | BuiltInStep;

/** Order by what stands at these places: HL7 v2 paths (`PV1-19.1`) or JSON pointers (`/visit/id`). */
export interface ByOrder {
  readonly by: readonly string[];
}
/**
 * What must stay in order. `patient`: messages of one source patient; `strict`: everything; `sender`: what one sender sent;
 * `none`: nothing; `by(…)`: messages with the same value there.
 */
export type ChannelOrder = 'patient' | 'strict' | 'sender' | 'none' | ByOrder;

export interface ReplyOptions {
  /** The destination whose answer the sender waits for. */
  readonly from: string;
  /** How long the sender is kept waiting; then it gets a plain acknowledgment. */
  readonly withinMs: number;
}

export interface ChannelOptions {
  readonly from: SourceDescriptor;
  readonly to: readonly TargetDescriptor[];
  readonly steps?: readonly StepDescriptor[];
  /** Default `patient`. */
  readonly order?: ChannelOrder;
  readonly reply?: ReplyOptions;
  /** A control id (MSH-10) that comes again with other content. Default `refuse`. */
  readonly reuse?: ReusePolicy;
  /** Stands in where PID-3.4 is empty; wins over the system's `authority`. */
  readonly defaultAuthority?: string;
  /** Which messages are taken at all; others are refused (AR, HTTP 400). Default: all. */
  readonly takes?: EventMatch;
  /** MSH-11 values taken. Default: P with `environment: 'production'`, T and D with `'test'`, any when neither is said. */
  readonly processingIds?: readonly ('P' | 'T' | 'D')[];
  /** JSON pointer to the message's type in a JSON body. Default: `/resourceType`, then `/type`. */
  readonly typeAt?: string;
  /** `false`: the source stays closed and nothing is processed; what waits, waits. Default `true`. */
  readonly enabled?: boolean;
}

export interface ChannelDescriptor extends ChannelOptions {
  readonly name: string;
}

export interface BacklogAlert {
  readonly alert: 'backlog';
  readonly destination: string;
  readonly above: number;
}
export interface DisconnectedAlert {
  readonly alert: 'disconnected';
  readonly system: string;
  readonly for: Duration;
}
export interface ParkedAlert {
  readonly alert: 'parked';
  /** A channel or destination; all when absent. */
  readonly of?: string;
  readonly above: number;
}
export type AlertDescriptor = BacklogAlert | DisconnectedAlert | ParkedAlert;

/** What is known of the numbers of an assigning authority. */
export interface AuthorityOptions {
  /** It gives a number to one person only: who bears the same number is the same person. Default false. */
  readonly trusted?: boolean;
  /** It gives a person one number only: who bears another one is somebody else, or there twice. Default false. */
  readonly single?: boolean;
  /** What kind of number it is, where its type (CX-5) does not say. */
  readonly kind?: 'ssn' | 'mrn' | 'national' | 'driver' | 'insurance' | 'other';
  /** The one client of the FHIR API that may name patients by these numbers when it writes them (ITI-104). Default: every client that may write. */
  readonly feeder?: string;
}

/** How it is decided who is the same person (docs/design/identity.md). */
export interface IdentityOptions {
  /** By OID, namespace or URI, as systems declare their authority. */
  readonly authorities?: Readonly<Record<string, AuthorityOptions>>;
  /** What people of the site write where they know nothing, beside what is known everywhere (1900-01-01, UNKNOWN, BABY BOY ...). */
  readonly placeholders?: {
    readonly names?: readonly string[];
    /** `YYYY-MM-DD` */
    readonly birthDates?: readonly string[];
    readonly phones?: readonly string[];
    readonly identifiers?: readonly string[];
    readonly addresses?: readonly string[];
    readonly emails?: readonly string[];
  };
  /** Probabilities: from `same` on two are linked, from `review` on a person is asked. Default: the shipped model's. */
  readonly thresholds?: { readonly same: number; readonly review: number };
  /** Two people have to answer a question alike. Default false. */
  readonly dualControl?: boolean;
  /** How long what would overwrite somebody waits for a person. Default `4h`. */
  readonly holdFor?: Duration;
}

export interface Config {
  readonly systems: Readonly<Record<string, SystemDescriptor>>;
  readonly channels: readonly ChannelDescriptor[];
  readonly alerts?: readonly AlertDescriptor[];
  readonly identity?: IdentityOptions;
  /** Decides which MSH-11 is taken (HL7 v2.5.1, 2.15.9.11 and table 0103); any when it is not said. */
  readonly environment?: 'production' | 'test';
}
