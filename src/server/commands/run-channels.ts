import { pauseStore } from '../../exchange/channels/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { printJson, printLine, printTable } from './output.ts';
import { withStore } from './with-store.ts';

export async function listPauses(json: boolean): Promise<void> {
  const pauses = await withStore(({ database, audit }) => pauseStore(database, audit).all());
  const paused = [...pauses].map(([channel, reason]) => ({ channel, reason }));
  if (json) return printJson({ paused });
  if (paused.length === 0) return printLine('no channel is paused');
  printTable(
    ['paused', 'why'],
    paused.map(({ channel, reason }) => [channel, reason]),
  );
}

export async function changePause(
  action: 'pause' | 'resume',
  { channel, reason }: { channel: string; reason: string },
  json: boolean,
): Promise<void> {
  await withStore(async ({ database, messages, audit, actor }) => {
    if (!(await messages.queues()).some((queue) => queue.leg === 'intake' && queue.name === channel))
      throw new IsthmusError('CHANNEL_UNKNOWN', { place: channel });
    await pauseStore(database, audit)[action]({ channel, reason, actor });
  });
  if (json) printJson({ channel, paused: action === 'pause', reason });
  else printLine(action === 'pause' ? `${channel} is paused` : `${channel} goes on`);
}
