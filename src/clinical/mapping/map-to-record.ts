import { Hl7Error, type Hl7Message } from '../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../record/index.ts';
import { attempt, contextOf, type Finding, type MapContext, type MapOptions, notUsed } from './context.ts';
import { adtEvents, mapAdt } from './messages/adt.ts';
import { chargeTypes, mapDft } from './messages/dft.ts';
import {
  type IdentityEvent,
  identityEventOf,
  isIdentityEvent,
  mentionedBy,
} from './messages/identity-event.ts';
import { mapMdm, mdmEvents } from './messages/mdm.ts';
import { mapOrders, orderTypes } from './messages/orders.ts';
import { mapOru } from './messages/oru.ts';
import { drugOrderTypes, mapRde } from './messages/rde.ts';
import { mapSiu, siuEvents } from './messages/siu.ts';
import { findStructure } from './messages/structure.ts';
import { mapVxu } from './messages/vxu.ts';

export interface Mapped {
  readonly writes: readonly RecordWrite[];
  /** What could not be used, by place and rule. */
  readonly findings: readonly Finding[];
  /** The message is about who is who: that is carried out by who owns identity. Whom it names is written in passing. */
  readonly identityEvent?: IdentityEvent;
}

const handlers: ReadonlyMap<string, (context: MapContext) => RecordWrite[]> = new Map([
  ...adtEvents.map((event) => [`ADT^${event}`, mapAdt] as const),
  ...chargeTypes.map((type) => [type, mapDft] as const),
  ...mdmEvents.map((event) => [`MDM^${event}`, mapMdm] as const),
  ['ORU^R01', mapOru],
  ...orderTypes.map((type) => [type, mapOrders] as const),
  ...drugOrderTypes.map((type) => [type, mapRde] as const),
  ...siuEvents.map((event) => [`SIU^${event}`, mapSiu] as const),
  ['VXU^V04', mapVxu],
]);

/** Is there a mapping for this type (`ADT^A08`)? Others are kept by the queue and change nothing in the record. */
export const isMapped = (type: string): boolean => handlers.has(type);

/**
 * What a message says, as writes of the record, and what of it could not be used. Pure; never throws for what a message contains. A type without a
 * mapping gives no writes and says so.
 */
export function mapMessage(received: Hl7Message, options: MapOptions): Mapped {
  const message = options.site ? options.site.read(received) : received;
  const handler = handlers.get(message.type);
  if (isIdentityEvent(message)) return identityOf(contextOf(message, options));
  if (!handler)
    return { writes: [], findings: [{ place: 'MSH^1^9', rule: 'no mapping for this type of message' }] };
  const { context, writes } = handled(message, options, handler);
  return { writes: [...writes, ...context.mentions.writes.values()], findings: distinct(context.findings) };
}

/** So many values that can't be decoded may stand where a message's meaning hangs on them. */
const MAX_UNREADABLE = 100;

/**
 * What can't be used becomes a finding where it is read. A value that can't be decoded where nothing catches it must not take the whole message
 * with it: it is found, and the message read once more without it.
 */
function handled(
  message: Hl7Message,
  options: MapOptions,
  handler: (context: MapContext) => RecordWrite[],
): { context: MapContext; writes: readonly RecordWrite[] } {
  const unreadable = new Map<string, Finding>();
  for (;;) {
    const read = unreadable.size === 0 ? message : message.without(new Set(unreadable.keys()));
    const context = contextOf(read, options);
    context.findings.push(...unreadable.values());
    findStructure(read, context);
    try {
      return { context, writes: handler(context) };
    } catch (error) {
      const location =
        error instanceof Hl7Error && error.code === 'HL7_UNDECODABLE' ? error.location : undefined;
      if (location === undefined || unreadable.has(location) || unreadable.size === MAX_UNREADABLE) {
        notUsed(error, context, 'MSH');
        return { context, writes: [] };
      }
      unreadable.set(location, { place: location, rule: (error as Hl7Error).rule ?? 'can’t be decoded' });
    }
  }
}

/** Several lines of a table may read one field, and find the same. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  return [...new Map(findings.map((finding) => [`${finding.place} ${finding.rule}`, finding])).values()];
}

function identityOf(context: MapContext): Mapped {
  const identityEvent = attempt(context, 'MRG', () => identityEventOf(context));
  if (!identityEvent) return { writes: [], findings: context.findings };
  const writes = attempt(context, 'PID', () => mentionedBy(context, identityEvent)) ?? [];
  return {
    writes: [...writes, ...context.mentions.writes.values()],
    findings: distinct(context.findings),
    identityEvent,
  };
}

/** `mapMessage` for who wants only the writes. */
export const mapToRecord = (message: Hl7Message, options: MapOptions): readonly RecordWrite[] =>
  mapMessage(message, options).writes;
