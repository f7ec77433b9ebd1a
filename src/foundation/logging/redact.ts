const REDACTED = '[redacted]';
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 2_000;

/** Names of fields that carry a message, a header or a secret, whatever they are nested in; compared in lower case without _ and -. */
const SENSITIVE = new Set([
  ...[
    'body',
    'content',
    'payload',
    'raw',
    'message',
    'rendering',
    'segment',
    'resource',
    'parameters',
    'values',
    'query',
  ],
  ...['headers', 'authorization', 'proxyauthorization', 'cookie', 'setcookie', 'xapikey', 'apikey'],
  ...[
    'token',
    'accesstoken',
    'refreshtoken',
    'idtoken',
    'secret',
    'clientsecret',
    'password',
    'passphrase',
    'privatekey',
    'keymaterial',
  ],
  ...['databaseurl', 'connectionstring'],
]);

const CREDENTIALS_IN_URL = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi;

/**
 * A copy of the fields of a log line with sensitive names redacted at every depth, bytes replaced by their length, errors reduced
 * by `describe`, and depth, width and length bounded.
 */
export function redactFields(fields: object, describe: (error: Error) => unknown): Record<string, unknown> {
  return redact(fields, describe, 0) as Record<string, unknown>;
}

function redact(value: unknown, describe: (error: Error) => unknown, depth: number): unknown {
  if (typeof value === 'string') return safeText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describe(value);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redact(item, describe, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).slice(0, MAX_ITEMS)) {
    copy[key] = item !== undefined && isSensitive(key) ? REDACTED : redact(item, describe, depth + 1);
  }
  return copy;
}

function isSensitive(key: string): boolean {
  return SENSITIVE.has(key.toLowerCase().replaceAll(/[_-]/g, ''));
}

function safeText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return short.includes('://') ? short.replaceAll(CREDENTIALS_IN_URL, '$1') : short;
}
