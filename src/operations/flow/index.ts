/**
 * The flow page at `/`: the way of an event with live counters, and the lists of messages behind its numbers.
 *
 * It promises: types, ids, references and codes only, no content, no key and no value of a patient; open to this machine or to a holder of
 * the token (see guard.ts); a page that does not read is cut off instead of buffered. It never does: change anything.
 */

export { localOrToken } from './guard.ts';
export type { EntryRow, MessageRow, MessagesView, TraceRow } from './messages-view.ts';
export { type Flow, type FlowOptions, registerFlow } from './routes.ts';
