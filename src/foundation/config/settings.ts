import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type Kind, kinds } from './kinds.ts';

interface Setting<T, Default extends T | undefined> {
  /** The environment variable. */
  readonly name: string;
  readonly kind: Kind<T>;
  readonly fallback: Default;
  readonly doc: string;
}

const setting = <T>(name: string, kind: Kind<T>, fallback: T, doc: string): Setting<T, T> => ({
  name,
  kind,
  fallback,
  doc,
});
const optional = <T>(name: string, kind: Kind<T>, doc: string): Setting<T, undefined> => ({
  name,
  kind,
  fallback: undefined,
  doc,
});

/** Every environment variable that Isthmus reads. docs/reference/settings.md is made from it. */
// biome-ignore format: one setting a line, so that it reads as the table it is
export const manifest = {
  home: setting('ISTHMUS_HOME', kinds.path, '.isthmus', 'Data directory: embedded PostgreSQL, tokens, head of the audit trail, files of the demo.'),
  databaseUrl: optional('DATABASE_URL', kinds.postgresUrl, 'PostgreSQL 15 or later. Without it the embedded server is started in ISTHMUS_HOME.'),
  databasePool: setting('ISTHMUS_DATABASE_POOL', kinds.connections, 10, 'Connections to the database at most.'),
  host: setting('HOST', kinds.host, '127.0.0.1', 'Address the HTTP server listens on.'),
  port: setting('PORT', kinds.port, 8080, 'Port of the HTTP server. When it is not set and taken, the demo uses the next free one.'),
  mllpHost: setting('MLLP_HOST', kinds.host, '127.0.0.1', 'Address the demo\'s MLLP source listens on.'),
  mllpPort: setting('MLLP_PORT', kinds.port, 2575, 'Port of the demo\'s MLLP source. When it is not set and taken, the demo uses the next free one.'),
  keys: optional('ISTHMUS_KEYS', kinds.path, 'Key file; with it message bodies and record content are encrypted at rest.'),
  retentionDays: setting('ISTHMUS_RETENTION_DAYS', kinds.days, 90, 'Messages that are done everywhere are deleted after so many days; 0 keeps them for ever. What is parked, held or waiting stays.'),
  log: setting('ISTHMUS_LOG', kinds.logLevel, 'info', 'What is logged.'),
  logFormat: optional('ISTHMUS_LOG_FORMAT', kinds.logFormat, 'Form of a log line; by default line on a terminal and json elsewhere.'),
} as const;

type Manifest = typeof manifest;
type ValueOf<S> = S extends { kind: Kind<infer T>; fallback: infer Default }
  ? Default extends undefined
    ? T | undefined
    : T
  : never;

export type Settings = { readonly [K in keyof Manifest]: ValueOf<Manifest[K]> } & {
  /** Which settings were set and not left to their default: a port that was asked for is not exchanged for another. */
  readonly given: ReadonlySet<keyof Manifest>;
};

/** Reads all settings. An empty variable counts as not set. Throws ConfigError with every mistake. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const problems: ConfigProblem[] = misspelled(env);
  const given = new Set<keyof Manifest>();
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(manifest) as (keyof Manifest)[]) {
    const { name, kind, fallback } = manifest[key];
    const text = env[name]?.trim() ?? '';
    const value = text === '' ? fallback : kind.parse(text);
    if (text !== '') given.add(key);
    if (text !== '' && value === undefined)
      problems.push({ place: name, text: `${kind.expects} is expected` });
    values[key] = value;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...(values as Omit<Settings, 'given'>), given };
}

/** A variable that is nearly one of ours would be ignored in silence. Others beginning with ISTHMUS_ may belong to a configuration. */
function misspelled(env: Readonly<Record<string, string | undefined>>): ConfigProblem[] {
  const known = Object.values(manifest).map(({ name }) => name as string);
  return Object.keys(env)
    .filter((name) => name.startsWith('ISTHMUS_') && !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((candidate) => distance(name, candidate) <= 2);
      return meant ? [{ place: name, text: `there is no such setting; ${meant} is probably meant` }] : [];
    });
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** The manifest as a Markdown table. */
export function describeSettings(): string {
  const rows = Object.values(manifest).map(({ name, kind, fallback, doc }) => {
    return `| \`${name}\` | ${kind.expects} | ${fallback === undefined ? '' : `\`${fallback}\``} | ${doc} |`;
  });
  return ['| variable | value | default | what it does |', '|---|---|---|---|', ...rows, ''].join('\n');
}
