import { type Finding, mapMessage } from '../../clinical/mapping/index.ts';
import type { RecordWrite } from '../../clinical/record/index.ts';
import type { RecordRequest } from '../../exchange/channels/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { parseMessage } from '../../standards/hl7v2/index.ts';
import { recordOptionsOf, siteOf } from './record-options.ts';
import { type CloseVisitFact, closeVisitFact } from './steps/close-visit.ts';

export interface WritesAndFindings {
  readonly writes: readonly RecordWrite[];
  /** What could not be used, by place and rule. */
  readonly findings: readonly Finding[];
  /** MSH-10, where there is one. */
  readonly controlId?: string;
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

function saidBy(request: RecordRequest, { messageId, receivedAt }: Received): WritesAndFindings {
  const closed = request.facts[closeVisitFact] as CloseVisitFact | undefined;
  if (closed) return { writes: closed.writes, findings: [] };
  if (request.contentType !== 'application/hl7-v2') return { writes: [], findings: [] };
  const { system, authority, defaultCharset } = request;
  if (system === undefined)
    throw new IsthmusError('CONFIG_INVALID', {
      place: `channels.${request.channel}.from.system`,
      rule: 'needed to write into the record',
    });
  const message = parseMessage(request.content, defaultCharset === undefined ? {} : { defaultCharset });
  const { controlId } = message.header;
  const { zone = 'UTC', mapping } = recordOptionsOf(request);
  const mapped = mapMessage(message, {
    ...{ system, zone, messageId, receivedAt },
    ...(authority === undefined ? {} : { authority }),
    ...(mapping === undefined ? {} : { site: siteOf(mapping) }),
  });
  return { ...mapped, ...(controlId === '' ? {} : { controlId }) };
}
