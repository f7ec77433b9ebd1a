/** search.html#escaping: splits at the separators that no backslash stands before; the backslashes stay for `unescaped`. */
export function splitEscaped(text: string, separator: ',' | '$' | '|'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** `\,` `\$` `\|` `\\` as the character they stand for; any other backslash is itself. */
export const unescaped = (text: string): string => text.replace(/\\([,$|\\])/g, '$1');
