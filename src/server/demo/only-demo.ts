import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IsthmusError } from '../../foundation/errors/index.ts';

/** Two demos on one folder would send one hospital's days twice. Throws HOME_IN_USE when another runs; else notes that this one does. */
export async function refuseSecondDemo(folder: string): Promise<void> {
  const file = join(folder, 'running.pid');
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  if (pid > 1 && pid !== process.pid && (await isDemo(pid)))
    throw new IsthmusError('HOME_IN_USE', { place: folder, rule: `process ${pid}` });
  await writeFile(file, `${process.pid}\n`);
}

/** A number in a file may by now be another program's, so its command line is looked at where the system shows it. */
async function isDemo(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '--demo');
  return commandLine.includes('--demo');
}
