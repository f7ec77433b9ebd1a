import type { Reference } from '@medplum/fhirtypes';
import {
  type Field,
  Hl7Error,
  type Hl7Message,
  parseDateTime,
  type Segment,
  toInstant,
} from '../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../record/index.ts';
import type { AuthorityRules } from '../source-patients/index.ts';
import { parseInZone } from './clocks.ts';

/** What a field becomes. `undefined`: nothing that can be used. `REMOVE`: what was there goes. May throw Hl7Error. */
export type Convert = (field: Field, context: MapContext, at: FieldAt) => unknown;
/** Where the field stands. */
export interface FieldAt {
  readonly segment: Segment;
  /** `OBX^3^5`. */
  readonly place: string;
}

/** A table's line as it is run. */
export interface RunnableRow {
  readonly field: number;
  readonly to: string;
  readonly as: Convert;
}

/** A site's own lines of the mapping (site/). */
export interface Site {
  /** The rows of one of our tables with the site's in their places. */
  rowsOf<R extends RunnableRow>(table: {
    readonly segment: string;
    readonly resource: string;
    readonly rows: readonly R[];
  }): readonly RunnableRow[];
  /** Segments without a table of ours that speak of the resource which this segment stands for. */
  following(
    table: { readonly segment: string; readonly resource: string },
    anchor: Segment,
    message: Hl7Message,
  ): readonly { readonly segment: Segment; readonly rows: readonly RunnableRow[] }[];
  /** The message as this sender means it. */
  read(message: Hl7Message): Hl7Message;
  /** Fields, `ZPV-3`, that `read` takes others from. */
  readonly sources: ReadonlySet<string>;
}

/** What is known of a message beside its bytes. */
export interface MapOptions {
  /** The sending system, by its name in the configuration. */
  readonly system: string;
  /** Its assigning authority, where a message names none. */
  readonly authority?: string;
  /** Local namespaces and the universal ids they stand for. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The clocks of the site, `America/New_York` or `+0100`: for times that carry no offset. */
  readonly zone: string;
  readonly messageId?: number;
  readonly receivedAt: Date;
  /**
   * A PID or PV1 without an identifier: refused, so that nothing is filed under nobody (default), or taken as a patient or visit of
   * this message alone, for previews and for comparing with other mappings.
   */
  readonly unidentified?: 'refuse' | 'message';
  /** The site's own lines. */
  readonly site?: Site;
}

/** Something in a message that could not be used. Never a value. */
export interface Finding {
  /** `OBX^3^5`: segment, its occurrence, field (2.5.1, ERL). */
  readonly place: string;
  readonly rule: string;
}

/** Resources that a message has named in passing so far (mention.ts). */
interface Mentions {
  readonly writes: Map<string, RecordWrite>;
  /** Assigning authorities that were named so far, by HD as it stands. */
  readonly authorities: Map<string, Reference>;
  /** By datatype, what values named (mention.ts, once). */
  readonly seen: Map<unknown, Map<string, Reference | undefined>>;
  /** The patient whom the segments at hand are about. */
  about: string;
}

/** Handed to every converter of a field. */
export interface MapContext {
  readonly message: Hl7Message;
  readonly system: string;
  readonly authorities: AuthorityRules;
  readonly options: MapOptions;
  /** The clocks for times without an offset. */
  readonly zone: string;
  /** As of when the message speaks; not later than it was received. */
  readonly eventTime: Date;
  readonly findings: Finding[];
  /** Resources that were named in passing. */
  readonly mentions: Mentions;
  /** Times that were read so far, as FHIR writes them (datatypes/dtm.ts). */
  readonly moments: Map<string, string>;
  /** Where the message is being read, for findings of datatypes. */
  readonly at: { place: string };
}

export function contextOf(message: Hl7Message, options: MapOptions): MapContext {
  const { system, authority, aliases, receivedAt } = options;
  const zone = zoneOf(message, options.zone);
  const { header } = message;
  const made = instantOf(header.dateTime, zone);
  const madeAt = made && notLater(made, receivedAt);
  return {
    message,
    system,
    options,
    zone,
    authorities: {
      ...(authority === undefined ? {} : { defaultAuthority: authority }),
      ...(aliases === undefined ? {} : { aliases }),
    },
    eventTime: madeAt ?? eventTimeOf(message, zone, receivedAt),
    findings: header.dateTime === '' || made ? [] : [{ place: 'MSH^1^7', rule: NO_TIME }],
    mentions: { writes: new Map(), authorities: new Map(), seen: new Map(), about: '' },
    moments: new Map(),
    at: { place: 'MSH' },
  };
}

/** Runs a converter; what it can't use becomes a finding at that place, and the rest of the message goes on. */
export function attempt<T>(context: MapContext, place: string, work: () => T): T | undefined {
  context.at.place = place;
  try {
    return work();
  } catch (error) {
    return notUsed(error, context, place);
  }
}

/** What a converter could not use is a finding; any other error is not of the content. */
export function notUsed(error: unknown, { findings }: MapContext, place: string): undefined {
  if (!(error instanceof Hl7Error)) throw error;
  findings.push({ place: error.location ?? place, rule: error.rule ?? error.code });
  return undefined;
}

/** Reads one part of a value: when it can't be read, that is a finding, and the rest of the value is taken. */
export const part = <T>(context: MapContext, work: () => T): T | undefined =>
  attempt(context, context.at.place, work);

/**
 * An offset in MSH-7 is the default for the whole message (2.5.1, 2.A.22). It is one moment's offset, though: where the site's zone
 * has just that offset at that moment, the zone is taken, so that an appointment beyond the change of clocks is right.
 */
function zoneOf(message: Hl7Message, siteZone: string): string {
  const text = message.header.dateTime;
  const sent = /[+-]\d{4}$/.exec(text)?.[0];
  if (!sent) return siteZone;
  try {
    const offset = parseDateTime(text).offsetMinutes;
    const atSite = parseInZone(text.slice(0, -5), siteZone).offsetMinutes;
    return offset === atSite ? siteZone : sent;
  } catch {
    // An unreadable MSH-7 says nothing about the zone; eventTimeOf falls back as well.
    return siteZone;
  }
}

/** HL7 is younger: a header that says otherwise says nothing. */
const EARLIEST = new Date('1987-01-01T00:00:00Z');

/**
 * MSH-7, or EVN-2, when it is exact to the minute; or else the time of receipt. MSH-7 comes first, because the message shows the
 * state when it was made, whenever the event was. A sender's clock that is ahead must not make its state last for ever.
 */
function eventTimeOf(message: Hl7Message, zone: string, receivedAt: Date): Date {
  const event = instantOf(message.segment('EVN')?.field(2).text ?? '', zone);
  return (event && notLater(event, receivedAt)) ?? receivedAt;
}

/** Undefined for what is older than HL7. */
function notLater(instant: Date, receivedAt: Date): Date | undefined {
  if (instant <= EARLIEST) return undefined;
  return instant < receivedAt ? instant : receivedAt;
}

const NO_TIME = 'a time of the message, exact to the minute, is needed';

/** A moment of the message, in its clocks; undefined when it is none, or less exact than a minute. */
export function instantOf(text: string, zone: string): Date | undefined {
  if (text === '') return undefined;
  try {
    return toInstant(parseInZone(text, zone));
  } catch (error) {
    if (error instanceof Hl7Error) return undefined;
    throw error;
  }
}
