import {
  type Finding,
  type IdentityEvent,
  type MapOptions,
  mapMessage,
  unmappedOf,
} from '../../clinical/mapping/index.ts';
import type { RecordWrite } from '../../clinical/record/index.ts';
import type { RecordRequest } from '../../exchange/channels/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { type Hl7Message, parseMessage } from '../../standards/hl7v2/index.ts';
import { recordOptionsOf, siteOf } from './record-options.ts';
import { type CloseVisitFact, closeVisitFact } from './steps/close-visit.ts';

export interface WritesAndFindings {
  readonly writes: readonly RecordWrite[];
  /** What could not be used, by place and rule. */
  readonly findings: readonly Finding[];
  /** MSH-10, where there is one. */
  readonly controlId?: string;
  /** What it says about who is who. */
  readonly identityEvent?: IdentityEvent;
}

/** What `record()` is asked to write: what a step made of the message, or the mapping of the message itself. Pure. */
export function writesOf(request: RecordRequest, received: Received): WritesAndFindings {
  const said = saidBy(request, received);
  const { profiles = [] } = recordOptionsOf(request);
  return profiles.length === 0
    ? said
    : { ...said, writes: said.writes.map((write) => ({ ...write, profiles })) };
}

interface Received {
  readonly messageId: number;
  readonly receivedAt: Date;
}

function saidBy(request: RecordRequest, received: Received): WritesAndFindings {
  const closed = request.facts[closeVisitFact] as CloseVisitFact | undefined;
  if (closed) return { writes: closed.writes, findings: [] };
  const mappable = mappableOf(request, received);
  if (!mappable) return { writes: [], findings: [] };
  const { controlId } = mappable.message.header;
  const { writes, findings, identityEvent } = mapMessage(mappable.message, mappable.options);
  return {
    ...{ writes, findings },
    ...(controlId === '' ? {} : { controlId }),
    ...(identityEvent ? { identityEvent } : {}),
  };
}

/** Fields of the message that nothing of the mapping reads, by place, with how often each is filled. Pure. */
export function unmappedFieldsOf(request: RecordRequest, received: Received): Record<string, number> {
  const mappable = closeVisitFact in request.facts ? undefined : mappableOf(request, received);
  return mappable ? unmappedOf(mappable.message, mappable.options) : {};
}

/** A message of HL7 v2, with what the configuration says of its sender. */
function mappableOf(
  request: RecordRequest,
  { messageId, receivedAt }: Received,
): { message: Hl7Message; options: MapOptions } | undefined {
  if (request.contentType !== 'application/hl7-v2') return undefined;
  const { system, authority, defaultCharset } = request;
  if (system === undefined)
    throw new IsthmusError('CONFIG_INVALID', {
      place: `channels.${request.channel}.from.system`,
      rule: 'needed to write into the record',
    });
  const { zone = 'UTC', mapping } = recordOptionsOf(request);
  const options = {
    ...{ system, zone, messageId, receivedAt },
    ...(authority === undefined ? {} : { authority }),
    ...(mapping === undefined ? {} : { site: siteOf(mapping) }),
  };
  return {
    message: parseMessage(request.content, defaultCharset === undefined ? {} : { defaultCharset }),
    options,
  };
}
