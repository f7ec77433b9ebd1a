import { join } from 'node:path';
import { pause, systemClock } from '../../src/foundation/clock/index.ts';
import { createDays, type Day } from '../population/index.ts';
import { listenOnFreePort, type Report } from '../process/index.ts';
import type { Address } from './connection.ts';
import { openFilingCabinet } from './filing.ts';
import { createInbox } from './inbox.ts';
import { renderEvent } from './messages.ts';
import { openPosition, type Position, type PositionFile } from './position.ts';
import { createReceiver } from './receiver.ts';
import { Sender } from './sender.ts';

export interface HospitalOptions {
  readonly engine: Address;
  readonly host: string;
  readonly port: number;
  readonly home: string;
  readonly seed: number;
  /** The first simulated day, taken when nothing was sent with this seed before. */
  readonly firstDate: string;
  /** Messages a second; 0 is as fast as they are acknowledged. */
  readonly pace: number;
  /** Days to send in all; after them it only listens. 0 is without end. */
  readonly days: number;
  readonly ackLimitMs: number;
  readonly mostRetryMs: number;
  readonly report: Report;
}

/** Runs the simulated hospital until the signal aborts: sends its days, and takes what comes back. */
export async function runHospital(options: HospitalOptions, signal: AbortSignal): Promise<void> {
  const { report } = options;
  const position = await openPosition(join(options.home, 'hospital-position.ndjson'));
  const filing = await openFilingCabinet(join(options.home, 'hospital-received.ndjson'));
  const receiver = createReceiver({
    clock: systemClock,
    handle: createInbox({ filing, report, clock: systemClock }),
    onRefused: (reason) => report('refused', { reason }),
  });
  const mllp = await listenOnFreePort(receiver.server, options.host, options.port);
  const from = whereItStands(position, options);
  report('ready', { mllp, seed: from.seed, day: from.day, done: from.done, filed: filing.count() });
  try {
    await sendDays({ options, position, from }, signal);
    await untilAborted(signal);
  } finally {
    await receiver.stop();
    await filing.close();
    await position.close();
    report('stopped', { filed: filing.count() });
  }
}

/** Another seed begins at its first day; the same one goes on where it was. */
function whereItStands(position: PositionFile, options: HospitalOptions): Position {
  const { last } = position;
  if (last?.seed === options.seed) return last;
  return { seed: options.seed, firstDate: options.firstDate, day: 0, done: 0 };
}

interface Run {
  readonly options: HospitalOptions;
  readonly position: PositionFile;
  readonly from: Position;
}

async function sendDays(run: Run, signal: AbortSignal): Promise<void> {
  const { options, from } = run;
  const { engine, report, ackLimitMs, mostRetryMs } = options;
  const sender = new Sender({ engine, report, ackLimitMs, mostRetryMs, clock: systemClock });
  const days = createDays({ seed: from.seed, firstDate: from.firstDate });
  try {
    for (let day = 0; (options.days === 0 || day < options.days) && !signal.aborted; day += 1) {
      const { value } = days.next();
      if (day < from.day) continue;
      const done = day === from.day ? from.done : 0;
      await sendDay({ ...run, sender, from: { ...from, day, done } }, value, signal);
      if (!signal.aborted) report('day-over', { date: value.date, messages: value.events.length });
    }
  } finally {
    sender.close();
  }
}

async function sendDay(run: Run & { sender: Sender }, day: Day, signal: AbortSignal): Promise<void> {
  const { options, position, from, sender } = run;
  const betweenMs = options.pace === 0 ? 0 : 1000 / options.pace;
  for (const [index, event] of day.events.entries()) {
    if (index < from.done) continue;
    if (signal.aborted) return;
    const startedMs = systemClock.monotonicMs();
    const message = renderEvent(event, controlIdOf(from.seed, day.date, index + 1));
    const result = await sender.send(message, signal);
    if (result.outcome === 'stopped') return;
    await position.save({ ...from, done: index + 1 });
    const { outcome, ...figures } = result;
    const { type, controlId } = message;
    const line = { type, controlId, date: day.date, number: index + 1, of: day.events.length, ...figures };
    options.report(outcome === 'accepted' ? 'sent' : 'rejected', line);
    await pause(systemClock, Math.max(0, betweenMs - (systemClock.monotonicMs() - startedMs)), signal);
  }
}

/** MSH-10, at most 20 characters: the same for the same event of the same run. */
function controlIdOf(seed: number, date: string, number: number): string {
  return `${seed.toString(36).toUpperCase()}-${date.slice(2).replaceAll('-', '')}-${String(number).padStart(4, '0')}`;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
