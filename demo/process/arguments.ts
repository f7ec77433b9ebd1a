import { parseArgs } from 'node:util';
import { UsageError } from './lifecycle.ts';

interface ArgumentSpec {
  /** What the value is, for --help. */
  readonly value: string;
  readonly help: string;
  /** Taken when neither the argument nor the environment says anything. Without it the argument is required. */
  readonly otherwise?: string;
  /** Environment variable that says it too. */
  readonly env?: string;
}

export interface CommandLine<Name extends string> {
  readonly command: string;
  readonly summary: string;
  readonly arguments: Readonly<Record<Name, ArgumentSpec>>;
}

/** The values by name, or `help` with the text to print. Throws UsageError that says which argument is wrong. */
export function readArguments<Name extends string>(
  line: CommandLine<Name>,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): { readonly values: Readonly<Record<Name, string>> } | { readonly help: string } {
  const names = Object.keys(line.arguments) as Name[];
  const given = parse(names, argv);
  if (given.help === true) return { help: helpText(line) };
  const values: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const spec = line.arguments[name];
    const said = given[name] ?? (spec.env === undefined ? undefined : env[spec.env]) ?? spec.otherwise;
    if (typeof said !== 'string') throw new UsageError(`--${name} is missing: ${spec.help}`);
    values[name] = said;
  }
  return { values: values as Record<Name, string> };
}

function parse(
  names: readonly string[],
  argv: readonly string[],
): Record<string, string | boolean | undefined> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean' } }, strict: true })
      .values;
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : 'the arguments are not understood');
  }
}

function helpText<Name extends string>(line: CommandLine<Name>): string {
  const rows = (Object.entries(line.arguments) as [Name, ArgumentSpec][]).map(([name, spec]) => {
    const notes = [
      spec.otherwise !== undefined && spec.otherwise !== '' && `default ${spec.otherwise}`,
      spec.env && `or ${spec.env}`,
    ];
    const tail = notes.filter(Boolean).join(', ');
    return `  --${name} ${spec.value}`.padEnd(30) + spec.help + (tail ? ` (${tail})` : '');
  });
  return [`usage: node dist/${line.command}.js [arguments]`, '', line.summary, '', ...rows, ''].join('\n');
}

/** A whole number within bounds. Throws UsageError. */
export function wholeNumber(name: string, text: string, bounds: { min: number; max: number }): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= bounds.min && value <= bounds.max) return value;
  throw new UsageError(`--${name} must be a whole number from ${bounds.min} to ${bounds.max}, not "${text}"`);
}

/** A number from 0 on. Throws UsageError. */
export function positiveNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && value <= max) return value;
  throw new UsageError(`--${name} must be a number from 0 to ${max}, not "${text}"`);
}

/** `host:port`; an IPv6 host stands in brackets. Throws UsageError. */
export function hostAndPort(name: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (!host) throw new UsageError(`--${name} must be HOST:PORT, not "${text}"`);
  return { host, port: wholeNumber(name, match?.[3] ?? '', { min: 1, max: 65_535 }) };
}
