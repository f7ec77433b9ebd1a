import { asBuffer } from './bytes.ts';
import { Hl7Error } from './errors.ts';

export const START_BLOCK = 0x0b;
export const END_BLOCK = 0x1c;
export const CARRIAGE_RETURN = 0x0d;

/**
 * Puts a message into its MLLP block: 0x0B body 0x1C 0x0D. Throws MLLP_FORBIDDEN_BYTE for a body with a start block or an
 * end block in it: the receiver would see two torn messages, or half of one.
 */
export function frameMllp(body: Uint8Array): Uint8Array {
  const source = asBuffer(body);
  if (source.includes(START_BLOCK) || endsWithin(source)) {
    throw new Hl7Error('MLLP_FORBIDDEN_BYTE', { rule: 'no 0x0B, and no 0x1C before 0x0D or at the end' });
  }
  const frame = Buffer.allocUnsafe(source.length + 3);
  frame[0] = START_BLOCK;
  source.copy(frame, 1);
  frame[source.length + 1] = END_BLOCK;
  frame[source.length + 2] = CARRIAGE_RETURN;
  return frame;
}

function endsWithin(body: Buffer): boolean {
  for (let at = body.indexOf(END_BLOCK); at >= 0; at = body.indexOf(END_BLOCK, at + 1)) {
    if (at + 1 === body.length || body[at + 1] === CARRIAGE_RETURN) return true;
  }
  return false;
}

/** MLLP Release 2 commit acknowledgments: transport blocks of one byte, not messages. Only for channels that opt in. */
export type CommitBlock = 'ACK' | 'NAK';

const commitBytes: Readonly<Record<CommitBlock, number>> = { ACK: 0x06, NAK: 0x15 };

/** The whole block: 0x0B 0x06 0x1C 0x0D (received and safely stored) or 0x0B 0x15 0x1C 0x0D. */
export function frameCommitBlock(block: CommitBlock): Uint8Array {
  return Buffer.of(START_BLOCK, commitBytes[block], END_BLOCK, CARRIAGE_RETURN);
}

/** Is the body of a received frame a commit block of Release 2? */
export function readCommitBlock(body: Uint8Array): CommitBlock | undefined {
  if (body.length !== 1) return undefined;
  if (body[0] === commitBytes.ACK) return 'ACK';
  return body[0] === commitBytes.NAK ? 'NAK' : undefined;
}
