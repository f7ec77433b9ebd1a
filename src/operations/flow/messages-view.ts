/** What the lists behind the numbers read: opened for the viewer by trust, so what the viewer may not see is not in it. */
export interface MessagesView {
  messages(filter: MessageListFilter): Promise<readonly MessageRow[]>;
  entries(filter: EntryListFilter): Promise<readonly EntryRow[]>;
  message(id: number): Promise<MessageRow | undefined>;
  trace(id: number): Promise<readonly TraceRow[]>;
}

const openStates = ['waiting', 'retrying', 'held', 'parked', 'blocked'] as const;
export const entryStates = [...openStates, 'removed', 'done'] as const;
export type EntryState = (typeof entryStates)[number];

export interface MessageListFilter {
  readonly channel?: string;
  readonly type?: string;
  readonly state?: EntryState;
  /** The page before: messages with a smaller id. */
  readonly beforeId?: number;
  readonly limit: number;
}

interface EntryListFilter {
  readonly queue: string;
  readonly state?: EntryState;
  readonly afterSequence?: number;
  readonly limit: number;
}

export interface MessageRow {
  readonly id: number;
  readonly channel: string;
  readonly type: string;
  readonly receivedAt: Date;
  readonly bytes: number;
  readonly states: readonly { readonly queue: string; readonly state: EntryState }[];
}

export interface EntryRow {
  readonly queue: string;
  readonly sequence: number;
  readonly messageId: number;
  readonly type: string;
  readonly label: string | null;
  readonly state: EntryState;
  readonly attempts: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly receivedAt: Date;
}

export interface TraceRow {
  readonly queue: string;
  readonly sequence: number;
  readonly label: string | null;
  readonly state: EntryState;
  readonly code: string | null;
  readonly reason: string | null;
  readonly attempts: readonly {
    readonly attempt: number;
    readonly at: string;
    readonly outcome: string;
    readonly acknowledgment: string | null;
    readonly code: string | null;
    readonly detail: string | null;
    readonly durationMs: number;
  }[];
}
