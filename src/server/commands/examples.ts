/** The part of a help text that shows how a command is used. */
export function examples(lines: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['', 'Examples:', ...lines.map(([command, what]) => `  $ ${command.padEnd(width)}   ${what}`)].join(
    '\n',
  );
}
