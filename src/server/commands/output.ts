/** What commands print: one JSON document with `--json`, else text in columns. */

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Columns as wide as their widest cell; nothing is cut off, so that a line can be copied. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of [head, ...rows]) {
    printLine(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** `2026-01-31 10:42:07.113Z` */
export const printTime = (at: Date | null | undefined): string =>
  at ? at.toISOString().replace('T', ' ') : '';

/** `3 s`, `12 min`, `2 d`: how long ago. */
export function printAge(at: Date | null | undefined, now: Date): string {
  if (!at) return '';
  const seconds = Math.max(0, (now.getTime() - at.getTime()) / 1000);
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
