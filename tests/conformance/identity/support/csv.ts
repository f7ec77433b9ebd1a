/** Rows of a CSV text as records by column name, trimmed; quotes as in RFC 4180. */
export function csvRecords(text: string): Record<string, string>[] {
  const [head = [], ...rows] = csvRows(text);
  return rows
    .filter((row) => row.some((cell) => cell !== ''))
    .map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])));
}

function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, comma, quoted, plain] of text
    .replaceAll('\r', '')
    .matchAll(/(,|\n|^)(?: *"((?:[^"]|"")*)" *|([^,\n]*))/g)) {
    if (comma === '\n' && row.length > 0) {
      rows.push(row);
      row = [];
    }
    row.push((quoted?.replaceAll('""', '"') ?? plain ?? '').trim());
  }
  return [...rows, row];
}
