/** The pages of docs/reference that are made from the code: `npm run docs` writes them, a test compares them. */
import type { Command } from 'commander';
import { describeSettings } from '../src/foundation/config/index.ts';
import { errorRegistry } from '../src/foundation/errors/index.ts';
import { createProgram, exitCodes } from '../src/server/commands/index.ts';

const made = '<!-- Made by `npm run docs`; edit the code instead. -->\n\n';

/** File name → text. */
export function referencePages(): Readonly<Record<string, string>> {
  return { 'cli.md': cli(), 'errors.md': errors(), 'settings.md': settings() };
}

function errors(): string {
  const rows = Object.entries(errorRegistry).map(
    ([code, { http, text, advice }]) =>
      `| <a id="${code.toLowerCase()}"></a>\`${code}\` | ${http} | ${text} | ${advice} |`,
  );
  return `${made}# Errors

A code never changes its meaning. Texts name the place and the rule, never a patient's data. *HTTP* is the status when the error leaves through an HTTP interface.

| code | HTTP | what happened | what to do |
|---|---|---|---|
${rows.join('\n')}
`;
}

function settings(): string {
  return `${made}# Settings

Environment variables. Every mistake is listed at the start, and nothing starts before it is mended. What flows between which systems is in \`isthmus.config.ts\`.

${describeSettings()}`;
}

const codeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'it did not work, or a check found something; standard error says what to do',
  usage: 'the command line was not understood',
  waiting: 'asked for and not done yet, within the time given',
};

function cli(): string {
  const program = createProgram();
  const codes = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${codeMeanings[name as keyof typeof exitCodes]} |`,
  );
  return `${made}# The command \`isthmus\`

Every command explains itself with \`--help\` and prints one JSON document with \`--json\`. In a clone, after \`npm run build\`, it is \`node dist/cli.js\`. Commands read the settings of the
engine: give them the same \`ISTHMUS_HOME\` and \`DATABASE_URL\`.

| exit code | meaning |
|---|---|
${codes.join('\n')}

${leavesOf(program).map(section).join('\n')}`;
}

/** Every command that can be given, in the order of the help. */
function leavesOf(command: Command): Command[] {
  return command.commands.flatMap((child) =>
    child.commands.length > 0 ? [child, ...leavesOf(child)] : [child],
  );
}

function section(command: Command): string {
  command.configureHelp({ helpWidth: 110 });
  return `## ${nameOf(command)}\n\n\`\`\`text\n${command.helpInformation().trim()}\n\`\`\`\n`;
}

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
