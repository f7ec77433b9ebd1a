import type { MessageHeader } from './header.ts';

/** Table 0155: always, never, on error or reject, on success. */
export type AckCondition = 'AL' | 'NE' | 'ER' | 'SU';

export interface AckPlan {
  readonly mode: 'original' | 'enhanced';
  /** When the commit acknowledgment (CA, CE, CR) is wanted: on the same connection, after safe storage. */
  readonly accept: AckCondition;
  /** When the application acknowledgment (AA, AE, AR) is wanted: in original mode the answer itself, otherwise a message of its own. */
  readonly application: AckCondition;
}

/**
 * Which acknowledgments the sender asks for (2.5.1 section 2.9.2): MSH-15 and MSH-16 both empty is original mode, one
 * application acknowledgment. Otherwise enhanced mode; the empty one of the two is NE. A value that is not in table 0155
 * counts as AL: an unwanted answer does less harm than a sender that waits.
 */
export function ackPlan(header: Pick<MessageHeader, 'acceptAck' | 'applicationAck'>): AckPlan {
  const { acceptAck, applicationAck } = header;
  if (!asks(acceptAck) && !asks(applicationAck)) return { mode: 'original', accept: 'NE', application: 'AL' };
  return { mode: 'enhanced', accept: conditionOf(acceptAck), application: conditionOf(applicationAck) };
}

/** Is an acknowledgment to be sent, given how it went? When not, send nothing: the sender does not wait. */
export function isAckWanted(condition: AckCondition, succeeded: boolean): boolean {
  if (condition === 'AL') return true;
  return condition === (succeeded ? 'SU' : 'ER');
}

/** Empty and null say the same here. */
function asks(value: string): boolean {
  return value !== '' && value !== '""';
}

function conditionOf(value: string): AckCondition {
  if (!asks(value)) return 'NE';
  return value === 'NE' || value === 'ER' || value === 'SU' ? value : 'AL';
}
