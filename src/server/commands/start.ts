import type { Command } from 'commander';
import { examples } from './examples.ts';

interface StartOptions {
  readonly config: string;
  readonly demo?: true;
}

export function addStart(program: Command): void {
  program
    .command('start')
    .summary('Start the engine.')
    .description(
      'Starts the engine: the database (embedded, or DATABASE_URL), the HTTP server and the channels of the configuration. It runs until Ctrl-C or SIGTERM; SIGHUP, or a change of a file of the configuration, loads the configuration again.',
    )
    .option('-c, --config <file>', 'The configuration.', 'isthmus.config.ts')
    .option(
      '--demo',
      'Start a simulated hospital and a simulated telehealth platform beside it, with their configuration.',
    )
    .addHelpText(
      'after',
      examples([
        ['isthmus start', 'with ./isthmus.config.ts'],
        ['PORT=9090 isthmus start --config site/isthmus.config.ts', 'another port, another configuration'],
        ['isthmus start --demo', 'to see it work'],
      ]),
    )
    .action(async ({ config, demo }: StartOptions) => {
      if (demo) {
        const { runDemo } = await import('../demo/run-demo.ts');
        return runDemo();
      }
      const { runEngine } = await import('./run-engine.ts');
      return runEngine(config);
    });
}
