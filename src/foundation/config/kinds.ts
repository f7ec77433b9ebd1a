/** Takes the text of a variable; returns the value, or what was expected instead. */
export type Kind<T> = {
  readonly expects: string;
  readonly parse: (text: string) => T | undefined;
};

export const kinds = {
  path: kind('a path', (text) => (text.includes('\0') ? undefined : text)),
  host: kind('a host name or an address', (text) =>
    /^[A-Za-z0-9.:_-]{1,253}$/.test(text) ? text : undefined,
  ),
  port: kind('a whole number from 0 to 65535', (text) => whole(text, 0, 65_535)),
  connections: kind('a whole number from 2 to 500', (text) => whole(text, 2, 500)),
  days: kind('a whole number from 0 to 36500', (text) => whole(text, 0, 36_500)),
  logLevel: choice('debug', 'info', 'warn', 'error', 'silent'),
  logFormat: choice('json', 'line'),
  postgresUrl: kind('a URL as postgresql://user:password@host:5432/database', postgresUrl),
} as const;

function kind<T>(expects: string, parse: (text: string) => T | undefined): Kind<T> {
  return { expects, parse };
}

function choice<T extends string>(...values: readonly T[]): Kind<T> {
  return kind(`one of ${values.join(', ')}`, (text) => values.find((value) => value === text));
}

function whole(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return /^\d{1,9}$/.test(text) && value >= min && value <= max ? value : undefined;
}

function postgresUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol } = new URL(text);
  return protocol === 'postgres:' || protocol === 'postgresql:' ? text : undefined;
}
