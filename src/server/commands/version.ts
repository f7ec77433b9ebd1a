import type { Command } from 'commander';
import { packageVersion } from '../package-root.ts';
import { jsonHelp } from './arguments.ts';
import { printJson, printLine } from './output.ts';

export function addVersion(program: Command): void {
  program
    .command('version')
    .summary('Print the version.')
    .description('Prints the version of Isthmus and of Node, for a report.')
    .option('--json', jsonHelp)
    .action(({ json }: { json?: boolean }) => {
      const about = {
        isthmus: packageVersion(),
        node: process.version,
        platform: `${process.platform} ${process.arch}`,
      };
      if (json) printJson(about);
      else printLine(`isthmus ${about.isthmus}, Node ${about.node}, ${about.platform}`);
    });
}
