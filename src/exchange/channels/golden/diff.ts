/** Beyond so many lines on a side the middle is shown as replaced: the table grows with the product of both. */
const maxLines = 2_000;

/**
 * The lines of a text that became another, as `- was` and `+ is` with two lines around each change. Empty when they are equal.
 */
export function diffLines(before: string, after: string): string[] {
  if (before === after) return [];
  const a = before.split('\n');
  const b = after.split('\n');
  return around(marked(a, b));
}

type Line = readonly [mark: ' ' | '-' | '+', text: string];

function marked(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const same = (line: string): Line => [' ', line];
  return [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/** By the longest common subsequence. */
function middle(a: readonly string[], b: readonly string[]): Line[] {
  if (a.length > maxLines || b.length > maxLines) {
    return [...a.map((line): Line => ['-', line]), ...b.map((line): Line => ['+', line])];
  }
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const isSame = a[i] === b[j];
      const here = isSame
        ? at(longest, (i + 1) * width + j + 1) + 1
        : Math.max(at(longest, (i + 1) * width + j), at(longest, i * width + j + 1));
      longest[i * width + j] = here;
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([' ', a[i++] ?? '']);
      j++;
    } else if (
      j >= b.length ||
      (i < a.length && at(longest, (i + 1) * width + j) >= at(longest, i * width + j + 1))
    ) {
      lines.push(['-', a[i++] ?? '']);
    } else lines.push(['+', b[j++] ?? '']);
  }
  return lines;
}

const at = (table: Uint16Array, index: number) => table[index] ?? 0;

const context = 2;

function around(lines: readonly Line[]): string[] {
  const shown = new Set<number>();
  for (const [index, [mark]] of lines.entries()) {
    if (mark === ' ') continue;
    for (let near = index - context; near <= index + context; near++) shown.add(near);
  }
  const result: string[] = [];
  for (const [index, [mark, text]] of lines.entries()) {
    if (!shown.has(index)) continue;
    if (index > 0 && !shown.has(index - 1) && result.length > 0) result.push('  …');
    result.push(`${mark} ${text}`);
  }
  return result;
}

/** A value as text whose lines compare well: two spaces, properties as they are, a line end at the end. */
export const pretty = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
