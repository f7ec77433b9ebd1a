import type { Segment } from '../../../standards/hl7v2/index.ts';
import { resourceId } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import type { Patch } from '../segment-map.ts';
import { participantOf, type ResourceSegment, resourceSegments, serviceOf } from '../segments/resources.ts';
import { actionOf } from './snapshot.ts';

/** Events about single services and resources: cancelled, discontinued, deleted. */
const TAKES_OUT: ReadonlySet<string> = new Set(['S20', 'S21', 'S22']);
/** Events that may speak of single ones by action code (0206); a booking lists all there are. */
const BY_ACTION: ReadonlySet<string> = new Set(['S14', 'S18', 'S19', ...TAKES_OUT]);

/**
 * AIS, AIG, AIL and AIP: all of a kind that the message lists take the place of those before; where a change has action codes, or the event is
 * about single ones, each is added, changed or taken out by itself.
 */
export function setResources(context: MapContext, patch: Patch, base: Date | undefined): void {
  const { message } = context;
  const event = message.header.triggerEvent;
  const isSingle = (segments: readonly Segment[]) =>
    TAKES_OUT.has(event) || (BY_ACTION.has(event) && segments.some((segment) => actionOf(segment, 2) !== ''));
  const isGone = (segment: Segment) =>
    actionOf(segment, 2) === 'D' || (TAKES_OUT.has(event) && actionOf(segment, 2) === '');
  const how: How = { context, patch, base, isGone };
  const services = message.segments('AIS');
  if (services.length > 0) setServices(services, isSingle(services), how);
  for (const kind of resourceSegments) {
    const segments = message.segments(kind.segment);
    if (segments.length > 0) setParticipants(kind, segments, isSingle(segments), how);
  }
}

interface How {
  readonly context: MapContext;
  readonly patch: Patch;
  readonly base: Date | undefined;
  readonly isGone: (segment: Segment) => boolean;
}

/** What stands in a slot's brackets. */
const PLAIN = /^[\w.:/-]+$/;

function setServices(segments: readonly Segment[], isSingle: boolean, { context, patch, isGone }: How): void {
  const all = segments.flatMap((segment) => {
    const service = serviceOf(segment, context);
    return service ? [{ service, code: service.coding?.[0]?.code ?? '', gone: isGone(segment) }] : [];
  });
  if (!isSingle || all.some(({ code }) => !PLAIN.test(code))) {
    const left = all.filter(({ gone }) => !gone).map(({ service }) => service);
    if (left.length > 0) patch.set['serviceType@AIS-3'] = left;
    else if (all.length > 0) patch.remove.push('serviceType@AIS-3');
    return;
  }
  for (const { service, code, gone } of all) {
    const slot = `serviceType[coding.code=${code}]`;
    if (gone) patch.remove.push(slot);
    else patch.set[slot] = [{ id: `AIS-3.${idPart(code)}`, ...service }];
  }
}

function setParticipants(
  kind: ResourceSegment,
  segments: readonly Segment[],
  isSingle: boolean,
  { context, patch, base, isGone }: How,
): void {
  const all = segments.flatMap((segment) => {
    const participant = participantOf(kind, segment, context, base);
    return participant ? [{ participant, gone: isGone(segment) }] : [];
  });
  if (!isSingle || all.some(({ participant }) => participant.actor?.reference === undefined)) {
    const left = all.filter(({ gone }) => !gone).map(({ participant }) => participant);
    if (left.length > 0) patch.set[kind.slot] = left;
    else patch.remove.push(kind.slot);
    return;
  }
  for (const { participant, gone } of all) {
    const reference = participant.actor?.reference ?? '';
    const slot = `participant[actor.reference=${reference}]`;
    if (gone) patch.remove.push(slot);
    // The mark of its kind, so that the next whole list takes its place as well.
    else patch.set[slot] = [{ id: `${kind.segment}-3.${idPart(reference)}`, ...participant }];
  }
}

const idPart = (text: string): string => resourceId('Appointment', 'part', text).slice(-12);
