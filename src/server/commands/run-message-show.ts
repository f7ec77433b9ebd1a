import { IsthmusError } from '../../foundation/errors/index.ts';
import { formatDuration } from '../../operations/timeline/index.ts';
import type { MessageDoor } from '../../trust/access/index.ts';
import type { ShowOptions } from './command-options.ts';
import { type ContentLine, contentLines, contentView } from './content-view.ts';
import { printJson, printLine, printTable, printTime } from './output.ts';
import { unmappedLine, unmappedView } from './unmapped-view.ts';
import { withStore } from './with-store.ts';

type Stored = NonNullable<Awaited<ReturnType<MessageDoor['message']>>>;
type Trace = Awaited<ReturnType<MessageDoor['trace']>>;

/** Shows a message with its content. The access is audited before anything is shown. */
export async function showMessage(id: number, { raw, json }: ShowOptions): Promise<void> {
  const { message, trace } = await withStore(async ({ messages, audit, actor }) => {
    const found = await messages.message(id);
    const outcome = found ? 'success' : 'refused';
    await audit.record({ action: 'messages.show', actor, target: `message ${id}`, outcome });
    if (!found) throw new IsthmusError('NOT_FOUND', { place: `message ${id}` });
    return { message: found, trace: await messages.trace(id) };
  });
  if (raw) return void process.stdout.write(message.body);
  const { body, ...summary } = message;
  const unmapped = unmappedView(body, message.contentType);
  if (json) {
    const shown = { content: contentView(body, message.contentType), ...(unmapped ? { unmapped } : {}) };
    printJson({ ...summary, ...shown, trace });
    return;
  }
  printSummary(message);
  printContent(contentLines(body, message.contentType));
  printUnmapped(unmapped);
  printTrace(trace);
}

function printSummary(message: Stored): void {
  const { id, type, channel, sender, controlId, receivedAt, bytes, contentType } = message;
  printLine(`message #${id}: ${type || contentType}, ${bytes} bytes`);
  printLine(`  received ${printTime(receivedAt)} by channel ${channel} from ${sender}`);
  if (controlId !== null) printLine(`  control id ${controlId}`);
  printLine();
}

function printContent(lines: readonly ContentLine[]): void {
  printTable(
    ['place', 'content'],
    lines.map(({ place, text }) => [place, text]),
  );
  printLine();
}

function printUnmapped(unmapped: Readonly<Record<string, number>> = {}): void {
  if (Object.keys(unmapped).length === 0) return;
  printLine(`not read by the standard mapping: ${unmappedLine(unmapped)}`);
  printLine();
}

function printTrace(trace: Trace): void {
  for (const { queue, sequence, label, state, code, reason, idempotencyKey, attempts } of trace) {
    const why = [code, reason].filter(Boolean).join(': ');
    printLine(
      `${queue} place ${sequence}${label === null ? '' : ` (${label})`}: ${state}${why ? `, ${why}` : ''}`,
    );
    printLine(`  key ${idempotencyKey}`);
    for (const { attempt, at, outcome, acknowledgment, code: attemptCode, detail, durationMs } of attempts) {
      const told = [acknowledgment, attemptCode, detail].filter(Boolean).join(', ');
      const when = printTime(new Date(at));
      printLine(
        `  attempt ${attempt} at ${when}: ${outcome}${told ? ` (${told})` : ''}, ${formatDuration(durationMs)}`,
      );
    }
  }
}
