import { type GoldenResult, loadConfig, runGoldenTests } from '../../exchange/channels/index.ts';
import type { GoldenCommandOptions } from './command-options.ts';
import { dryRunTools } from './dry-run-tools.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { printJson, printLine } from './output.ts';
import { currentSettings } from './settings.ts';

export async function runTest(part: string | undefined, options: GoldenCommandOptions): Promise<void> {
  const { config, folder, update, json } = options;
  const { home } = currentSettings();
  const report = await runGoldenTests(await loadConfig(config, { home }), {
    ...dryRunTools(home),
    update: update === true,
    ...(folder === undefined ? {} : { folder }),
    ...(part === undefined ? {} : { only: part }),
    ...(json ? {} : { onResult: printResult }),
  });
  const { passed, failed, updated, results } = report;
  if (json) printJson(report);
  else if (results.length === 0)
    printLine('no golden messages: tests/<channel>/<name>.hl7 beside the configuration');
  else printLine(`${passed} passed, ${failed} failed${updated > 0 ? `, ${updated} updated` : ''}`);
  if (failed > 0 || results.length === 0) throw new Exit(exitCodes.failed);
}

function printResult({ file, outcome, diff }: GoldenResult): void {
  printLine(`${outcome.padEnd(7)}  ${file}`);
  for (const line of diff) printLine(`    ${line}`);
}
