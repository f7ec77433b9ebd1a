import { safeWord } from '../timeline/index.ts';
import { Html, html } from './html.ts';
import {
  type EntryRow,
  type EntryState,
  entryStates,
  type MessageListFilter,
  type MessageRow,
  type TraceRow,
} from './messages-view.ts';

/** The lists behind the numbers, as plain pages: they need no script and print well. */

const time = (at: Date) => at.toISOString().replace('T', ' ').slice(0, 23);
const toneOf = (state: EntryState) =>
  state === 'done'
    ? 'good'
    : state === 'parked' || state === 'removed'
      ? 'bad'
      : state === 'waiting'
        ? ''
        : 'warn';
const stateOf = (state: EntryState) => html`<span class="${toneOf(state)}">${state}</span>`;
const messageLink = (id: number) => html`<a href="/flow/messages/${id}">#${id}</a>`;

export interface MessageListPage {
  readonly rows: readonly MessageRow[];
  readonly filter: MessageListFilter;
  /** Address of the next page, when there may be one. */
  readonly next: string | undefined;
}

export function messageListPage({ rows, filter, next }: MessageListPage): Html {
  const body =
    rows.length === 0
      ? html`<p class="empty">No message fits. <a href="/flow/messages">All messages</a></p>`
      : html`<table><thead><tr><th>Message</th><th>Received (UTC)</th><th>Channel</th><th>Type</th><th>Bytes</th><th>Where it is</th></tr></thead>
<tbody>${rows.map(messageRow)}</tbody></table>`;
  return html`<h1>Messages</h1>${filterForm(filter)}${body}${more(next)}`;
}

const messageRow = ({ id, receivedAt, channel, type, bytes, states }: MessageRow) =>
  html`<tr><td>${messageLink(id)}</td><td class="time">${time(receivedAt)}</td><td>${channel}</td><td class="time">${safeWord(type)}</td><td class="number">${bytes}</td>
<td>${placesOf(states).map(({ queue, state, count }) => html`<span class="place">${queue}: ${stateOf(state)}${count > 1 ? ` ×${count}` : ''}</span> `)}</td></tr>`;

/** One message can have many entries in one queue, a notification each; the list counts them. */
function placesOf(states: MessageRow['states']) {
  const places = new Map<
    string,
    { readonly queue: string; readonly state: EntryState; readonly count: number }
  >();
  for (const { queue, state } of states) {
    const key = `${queue} ${state}`;
    places.set(key, { queue, state, count: (places.get(key)?.count ?? 0) + 1 });
  }
  return [...places.values()];
}

const filterForm = ({ channel, type, state }: MessageListFilter) =>
  html`<form method="get" action="/flow/messages"><label>Channel <input name="channel" value="${channel ?? ''}"></label>
<label>Type <input name="type" value="${type ?? ''}" placeholder="ADT^A08"></label>
<label>State <select name="state"><option value="">any</option>${entryStates.map(
    (each) => html`<option${new Html(each === state ? ' selected' : '')}>${each}</option>`,
  )}</select></label> <button>Show</button></form>`;

const more = (next: string | undefined) =>
  next === undefined ? undefined : html`<p><a href="${next}">More</a></p>`;

export interface EntryListPage {
  readonly queue: string;
  readonly state: string;
  readonly rows: readonly EntryRow[];
  readonly next: string | undefined;
}

export function entryListPage({ queue, state, rows, next }: EntryListPage): Html {
  const body =
    rows.length === 0
      ? html`<p class="empty">Nothing is there now: what was counted may have been done since.</p>`
      : html`<table><thead><tr><th>Place</th><th>Message</th><th>Received (UTC)</th><th>Type</th><th>What</th><th>State</th><th>Attempts</th><th>Why</th></tr></thead>
<tbody>${rows.map(entryRow)}</tbody></table>`;
  return html`<h1>Queue ${queue}: ${state}</h1>${body}${more(next)}`;
}

const entryRow = (row: EntryRow) =>
  html`<tr><td class="number">${row.sequence}</td><td>${messageLink(row.messageId)}</td><td class="time">${time(row.receivedAt)}</td><td class="time">${safeWord(row.type)}</td>
<td>${row.label ?? ''}</td><td>${stateOf(row.state)}</td><td class="number">${row.attempts}</td><td>${row.code ?? ''} ${row.reason ?? ''}</td></tr>`;

export function messagePage(message: MessageRow, steps: readonly TraceRow[]): Html {
  return html`<h1>Message #${message.id}</h1>
<p>${safeWord(message.type)}, ${message.bytes} bytes, received ${time(message.receivedAt)} UTC by channel ${message.channel}.
Its content is shown by <code>isthmus messages show ${message.id}</code>, which is audited.</p>
${steps.map(traceStep)}`;
}

const traceStep = ({ queue, sequence, label, state, code, reason, attempts }: TraceRow) =>
  html`<h2>${queue} <small>place ${sequence}${label === null ? '' : `, ${label}`}: ${stateOf(state)} ${code ?? ''} ${reason ?? ''}</small></h2>
${attempts.length === 0 ? html`<p class="soft">no attempts noted</p>` : attemptTable(attempts)}`;

const attemptTable = (attempts: TraceRow['attempts']) =>
  html`<table><thead><tr><th>Attempt</th><th>At</th><th>Outcome</th><th>Answer</th><th>Detail</th><th>ms</th></tr></thead><tbody>${attempts.map(
    ({ attempt, at, outcome, acknowledgment, code, detail, durationMs }) =>
      html`<tr><td>${attempt}</td><td class="time">${at}</td><td>${outcome}</td><td>${acknowledgment ?? ''}</td><td>${code ?? ''} ${detail ?? ''}</td><td class="number">${durationMs.toFixed(1)}</td></tr>`,
  )}</tbody></table>`;
