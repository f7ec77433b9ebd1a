import type { Clock } from '../../src/foundation/clock/index.ts';
import {
  acknowledge,
  Hl7Error,
  type MessageHeader,
  parseMessage,
  peekHeader,
} from '../../src/standards/hl7v2/index.ts';
import type { Report } from '../process/index.ts';
import type { FilingCabinet } from './filing.ts';

interface InboxOptions {
  readonly filing: FilingCabinet;
  readonly clock: Clock;
  readonly report: Report;
}

/** What comes back from virtual visits: notes and charges. */
const taken = new Set(['MDM^T02', 'DFT^P03']);

/**
 * Takes a message from the engine and answers it: AA once it is filed on disk, AA again for a repeat (filed once), AE when its
 * id was used for another message or it cannot be read, AR for types not taken. Undefined when nothing can be answered.
 */
export function createInbox({
  filing,
  clock,
  report,
}: InboxOptions): (body: Uint8Array) => Promise<Uint8Array | undefined> {
  let answered = 0;
  const answer = (
    header: MessageHeader,
    code: 'AA' | 'AE' | 'AR',
    error?: '100' | '200' | '205',
  ): Uint8Array => {
    answered += 1;
    const now = clock.now();
    const controlId = `G${now.getTime().toString(36)}${answered.toString(36)}`.slice(0, 20);
    return acknowledge(header, {
      code,
      controlId,
      now,
      ...(error === undefined ? {} : { errors: [{ code: error }] }),
    });
  };

  return async (body) => {
    const read = readMessage(body);
    if (!read.header) {
      report('refused', { reason: read.reason ?? 'no header' });
      return undefined;
    }
    const { header } = read;
    const type = `${header.messageCode}^${header.triggerEvent}`;
    const said = { type, controlId: header.controlId };
    if (!taken.has(type)) {
      report('refused', { ...said, reason: 'type not taken' });
      return answer(header, 'AR', '200');
    }
    if (read.reason !== undefined || header.controlId === '') {
      report('refused', { ...said, reason: read.reason ?? 'no control id' });
      return answer(header, 'AE', '100');
    }
    const sender = `${header.sendingApplication}|${header.sendingFacility}`;
    const filed = await filing.file({ sender, ...said, body, receivedAt: clock.now() });
    if (filed === 'reused') {
      report('refused', { ...said, reason: 'control id used for another message' });
      return answer(header, 'AE', '205');
    }
    report('received', { ...said, repeat: filed === 'repeat', bytes: body.length, filed: filing.count() });
    return answer(header, 'AA');
  };
}

interface Read {
  readonly header: MessageHeader | undefined;
  /** Why it cannot be taken. */
  readonly reason: string | undefined;
}

function readMessage(body: Uint8Array): Read {
  let header: MessageHeader | undefined;
  try {
    header = peekHeader(body);
    // A note or a charge without its patient is of no use to anyone here.
    const hasPatient = parseMessage(body).segment('PID') !== undefined;
    return { header, reason: hasPatient ? undefined : 'no PID segment' };
  } catch (thrown) {
    if (thrown instanceof Hl7Error) return { header, reason: thrown.code };
    throw thrown;
  }
}
