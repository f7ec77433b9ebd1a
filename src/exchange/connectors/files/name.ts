import { createHash } from 'node:crypto';
import type { Delivery } from '../types.ts';

const temporary = /^\.|~$|\.(tmp|temp|part|partial|filepart|crdownload|swp)$/i;

/** Does the name say that its writer is not done? */
export function isTemporaryName(name: string): boolean {
  return temporary.test(name);
}

/** Compares by code unit: the same order on every machine, whatever its locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A test for a pattern in which `*` stands for any characters. Linear: no regular expression is built from the pattern. */
export function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
      return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= name.length - last.length;
  };
}

const shortHash = (bytes: Uint8Array | string) =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Letters, digits, `.`, `_` and `-` of the text, not beginning with a dot, and short. */
function tame(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 60);
}

/** The idempotency key as part of a name. Where taming changed it, a hash keeps two keys apart. */
function keyPart(key: string): string {
  const tamed = tame(key);
  return tamed === key && key !== '' ? key : `${tamed.slice(0, 40)}-${shortHash(key)}`;
}

/** The file name of a delivery: the same for every repeat, a plain name, never a path. */
export function fileNameFor(template: string, delivery: Delivery): string {
  const values: Record<string, string> = {
    key: keyPart(delivery.idempotencyKey),
    type: tame(delivery.type),
    label: tame(delivery.label ?? ''),
    correlation: tame(delivery.correlationId),
  };
  const name = template.replace(/\{([a-z]+)\}/g, (_whole, token: string) => values[token] ?? '');
  return name.length <= 200 ? name : `${name.slice(0, 160)}-${shortHash(delivery.idempotencyKey)}`;
}

/** The name under which a taken file is kept: its content's hash before the extension, so only the same file meets the same name. */
export function keptName(name: string, bytes: Uint8Array): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  return `${stem.slice(0, 180)}.${shortHash(bytes)}${extension.slice(0, 30)}`;
}

/** The sender's key of one message of a file: the same when the file is met again after a crash. */
export function messageKey(name: string, index: number, body: Uint8Array): string {
  return `${name}#${index}#${shortHash(body)}`;
}
