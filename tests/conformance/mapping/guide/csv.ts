/** CSV (RFC 4180): quotes around cells, doubled within, line ends within them; CR LF or LF. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text.charAt(at + 1) === '"') cell += text.charAt(at++);
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else cell += char;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows;
}

/** How many records there are, by another way: the line ends that stand outside of quotes. */
export function countRecords(text: string): number {
  const outside = text
    .split('"')
    .filter((_, index) => index % 2 === 0)
    .join('');
  return outside.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
