import { IsthmusError } from '../../../foundation/errors/index.ts';
import { type MessageHeader, peekHeader } from '../../../standards/hl7v2/index.ts';
import type { Received } from '../../connectors/index.ts';
import type { ResolvedChannel } from '../lifecycle/resolve.ts';
import { contentKind } from '../message/content-type.ts';
import { matchesEvent } from '../message/event-match.ts';
import { atPointer, parseJson } from '../message/json.ts';

/** What is known of a message before its content is read: enough to judge duplicates and whether it is taken here. */
export interface Description {
  readonly type: string;
  readonly sender: string;
  readonly controlId: string | undefined;
}

/** Throws an error of the registry, or of the HL7 library, for what is not taken here. */
export function describe(received: Received, channel: ResolvedChannel): Description {
  const kind = contentKind(received.contentType);
  if (kind === 'hl7') return describeHl7(received, channel);
  if (kind === 'json') return describeJson(received, channel);
  return { type: '', sender: received.peer, controlId: received.controlId };
}

function describeHl7(received: Received, channel: ResolvedChannel): Description {
  const header = peekHeader(received.body);
  const type = [header.messageCode, header.triggerEvent].filter((part) => part !== '').join('^');
  checkTaken(type, channel);
  checkProcessingId(header, channel);
  const sender = `${header.sendingApplication}|${header.sendingFacility}`;
  return {
    type,
    sender: sender === '|' ? received.peer : sender,
    controlId: header.controlId === '' ? received.controlId : header.controlId,
  };
}

/** HL7 v2.5.1, 2.9.2: a message for another environment is rejected. MSH-11.1 counts; an empty one is taken. */
function checkProcessingId(header: MessageHeader, channel: ResolvedChannel): void {
  const id = header.processingId;
  if (id === '' || !channel.processingIds || channel.processingIds.includes(id)) return;
  throw new IsthmusError('HL7_PROCESSING_ID', {
    place: 'MSH-11',
    rule: `taken here: ${channel.processingIds.join(', ')}`,
  });
}

const typePointers = ['/resourceType', '/type'];

function describeJson(received: Received, channel: ResolvedChannel): Description {
  const value = parseJson(received.body);
  const pointers = channel.typeAt === undefined ? typePointers : [channel.typeAt];
  const type = pointers.map((pointer) => atPointer(value, pointer)).find(isTypeName) ?? '';
  checkTaken(type, channel);
  return { type, sender: received.peer, controlId: received.controlId };
}

/** Types stand in lists, logs and metrics: only what looks like a name counts as one. */
function isTypeName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][\w.:/-]{0,63}$/.test(value);
}

function checkTaken(type: string, channel: ResolvedChannel): void {
  if (!channel.takes || matchesEvent(channel.takes, type)) return;
  const rule = `taken here: ${channel.takes.events.join(', ')}`;
  throw new IsthmusError('HL7_UNSUPPORTED_MESSAGE', { place: channel.typeAt ?? 'MSH-9', rule });
}
