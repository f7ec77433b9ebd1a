import { parse } from 'lossless-json';
import { endOfString } from './scan.ts';

/** `line 3, column 14`, both from 1, for the character at this index. */
function placeAt(text: string, index: number): string {
  const before = text.slice(0, index);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line += 1;
  return `line ${line}, column ${index - lineStart + 1}`;
}

/**
 * Where the text stops being JSON. JSON.parse says that only within messages that quote the text, and these differ from version to version; the slower
 * parser is asked for texts that are refused anyway. Undefined where it finds nothing to object to.
 */
export function syntaxPlace(text: string): string | undefined {
  try {
    parse(text, undefined, { parseNumber: Number, onDuplicateKey: ({ newValue }) => newValue });
    return undefined;
  } catch (error) {
    const position = /at position (\d+)/.exec(String(error))?.[1];
    return position === undefined ? undefined : placeAt(text, Math.min(Number(position), text.length));
  }
}

/** Where a member's name stands for the second time in its object; the text is JSON. */
export function duplicatePlace(text: string): string | undefined {
  return keyPlace(text, (key, siblings) => siblings.has(key));
}

/** Where the first name stands that `wanted` picks out; the text is JSON. */
export function keyPlace(
  text: string,
  wanted: (key: string, siblings: ReadonlySet<string>) => boolean,
): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{' || character === '[') open.push(new Set());
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const siblings = open.at(-1);
      if (siblings && isFollowedByColon(text, end + 1)) {
        const key = JSON.parse(text.slice(at, end + 1)) as string;
        if (wanted(key, siblings)) return placeAt(text, at);
        siblings.add(key);
      }
      at = end;
    }
  }
  return undefined;
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from;
  while (' \t\n\r'.includes(text[at] ?? '-')) at += 1;
  return text[at] === ':';
}

/** Where a string's text begins that holds what no FHIR string may; the text is JSON. */
export function stringPlace(text: string, wanted: (value: string) => boolean): string | undefined {
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) {
    const end = endOfString(text, at);
    if (wanted(JSON.parse(text.slice(at, end + 1)) as string)) return placeAt(text, at);
    at = end;
  }
  return undefined;
}
