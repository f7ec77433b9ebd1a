/**
 * The timeline: what the engine did, one line per event, for the terminal and the flow page.
 *
 * It promises: an event carries types, ids, references, codes and durations, each bounded and cleaned, so that whatever a sender wrote
 * into a header can't bring a name or a control character in; it remembers the last few hundred and no more; a listener that throws
 * harms nobody. It never does: hold content, or be the place where anything is kept (the queue's tables are).
 */

export { createTimeline, type FlowEvent, type FlowEventDraft, type Timeline, type Tone } from './events.ts';
export { formatDuration, formatLine, type LineOptions } from './line.ts';
export { safeWord } from './safe-word.ts';
