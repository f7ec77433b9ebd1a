import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { eventually, freePort, removeHome } from '../support/index.ts';
import { processesNaming, Terminal } from './support/terminal.ts';
import { type Step, shows, stepsOf } from './support/tutorial.ts';

/** docs/tutorial.md, word by word, in a folder that looks like a fresh clone: what the text says is what happens. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'isthmus-tutorial-'));
for (const name of ['dist', 'node_modules', 'package.json'])
  symlinkSync(join(root, name), join(folder, name));

const terminals = new Map<string, Terminal>();
afterAll(async () => {
  for (const terminal of terminals.values()) await terminal.close();
  await removeHome(join(folder, 'site/data'));
  await rm(folder, { recursive: true, force: true });
});

async function withFreePorts(markdown: string): Promise<string> {
  let text = markdown;
  for (const port of ['2575', '9000']) text = text.replaceAll(port, String(await freePort()));
  return text;
}

const env = { PORT: String(await freePort()), ISTHMUS_LOG_FORMAT: 'line' };
/** What the reader types into each terminal before anything else. */
const preamble = (steps: readonly Step[]) => {
  const first = steps.find((step) => step.kind === 'run');
  if (!first) throw new Error('the tutorial runs nothing');
  return first.text;
};
const shell = (text: string) =>
  new Terminal(['bash', '-c', `shopt -s expand_aliases\nset -eo pipefail\n${text}`], { cwd: folder, env });

let lastRun = '';
let lastOutput = '';

async function run(text: string): Promise<string> {
  const terminal = shell(text);
  terminals.set('main', terminal);
  const code = await terminal.end(30_000);
  if (code !== 0) throw new Error(`exit code ${code}; printed was:\n${terminal.output}`);
  return terminal.output;
}

async function perform(step: Step, start: string): Promise<void> {
  switch (step.kind) {
    case 'file':
      mkdirSync(dirname(join(folder, step.path)), { recursive: true });
      return writeFileSync(join(folder, step.path), step.text);
    case 'run':
      lastRun = start === step.text ? step.text : `${start}\n${step.text}`;
      lastOutput = await run(lastRun);
      return;
    case 'terminal': {
      const terminal = shell(`${start}\n${step.text}`);
      terminals.set(step.name, terminal);
      await terminal.until(step.until);
      return;
    }
    case 'ctrl-c':
      await terminals.get(step.name)?.ctrlC();
      return;
    case 'shows':
      return expectShown(step);
  }
}

async function expectShown({ name, lines }: Extract<Step, { kind: 'shows' }>): Promise<void> {
  const output = () => (name === undefined ? lastOutput : (terminals.get(name)?.output ?? ''));
  const isShown = async () => {
    if (shows(output(), lines)) return true;
    if (name === undefined) lastOutput = await run(lastRun);
    return shows(output(), lines);
  };
  await eventually(isShown, { deadlineMs: 15_000 }).catch(() => {
    throw new Error(`expected was:\n${lines.join('\n')}\nprinted was:\n${output()}`);
  });
}

test('every command, file and output of the tutorial is as the text says', { timeout: 180_000 }, async () => {
  const steps = stepsOf(await withFreePorts(readFileSync(join(root, 'docs/tutorial.md'), 'utf8')));
  expect(steps.length).toBeGreaterThan(15);
  const start = preamble(steps);
  for (const step of steps) {
    await perform(step, start).catch((error: unknown) => {
      throw new Error(`docs/tutorial.md:${step.line} (${step.kind}): ${(error as Error).message}`);
    });
  }
  await terminals.get('engine')?.ctrlC();
  await terminals.get('receiver')?.ctrlC();
  expect(processesNaming(folder)).toEqual([]);
});
