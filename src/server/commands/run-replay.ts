import { loadConfig, replayTraffic } from '../../exchange/channels/index.ts';
import type { ReplayCommandOptions } from './command-options.ts';
import { dryRunTools } from './dry-run-tools.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { printJson, printLine } from './output.ts';
import { currentSettings } from './settings.ts';

export async function runReplay(file: string, options: ReplayCommandOptions): Promise<void> {
  const { home } = currentSettings();
  const { show, json } = options;
  const [before, after] = await Promise.all([
    loadConfig(options.before, { home }),
    loadConfig(options.after, { home }),
  ]);
  const report = await replayTraffic(
    { file, before, after },
    {
      ...dryRunTools(home),
      maxDifferences: show,
      ...(json ? {} : { onProgress: (count: number) => process.stderr.write(`${count} messages\n`) }),
    },
  );
  if (json) printJson(report);
  else {
    for (const { line, channel, diff } of report.differences) {
      printLine(`${file}:${line} channel ${channel}`);
      for (const text of diff) printLine(`    ${text}`);
    }
    const { messages, same, different, skipped } = report;
    printLine(`${messages} messages: ${same} the same, ${different} different, ${skipped} of no channel`);
  }
  if (report.different > 0) throw new Exit(exitCodes.failed);
}
