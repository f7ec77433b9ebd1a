import type { Command } from 'commander';
import { addTerminologyLoad } from './terminology-load.ts';
import { addTerminologyWork } from './terminology-work.ts';

export function addTerminology(program: Command): void {
  const terminology = program
    .command('terminology')
    .summary('Codes: what is loaded, and what no map translates.')
    .description(
      'Code systems and concept maps that a site loads, and the codes of its senders that no map translates.',
    );
  addTerminologyLoad(terminology);
  addTerminologyWork(terminology);
}
