import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, root } from './markdown.ts';

export interface Rule {
  readonly id: string;
  readonly page: string;
  /** The whole paragraph or table row. */
  readonly text: string;
}

/** Rules as design pages define them: `- **Q5 …` or `- **H12** …`, an id of letters and a number at the beginning of an item or row. */
export function rulesOf({ path, text }: Page): Rule[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const [, id] = /^(?:- |\| )?(?:<a id="[^"]*"><\/a>)?\*\*([A-Z]{1,3}\d{1,3})\b/.exec(line) ?? [];
    if (id === undefined) return [];
    const end = lines.findIndex((other, index) => index > at && !/^ {2,}\S/.test(other));
    return [{ id, page: path, text: lines.slice(at, end < 0 ? undefined : end).join(' ') }];
  });
}

/** Ids that names of tests begin with, and those that begin a row of a table of tests (`['S13', …`, `['S41 tokens', …`). */
export function testedIds(folder = join(root, 'tests')): Set<string> {
  const ids = new Set<string>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    for (const [, list = ''] of text.matchAll(
      /['"`]((?:\[[A-Z]{1,3}\d{1,3}(?:[,\s]+[A-Z]{1,3}\d{1,3})*\]\s*)+)/g,
    )) {
      for (const [id] of list.matchAll(/[A-Z]{1,3}\d{1,3}/g)) ids.add(id);
    }
    for (const [, id = ''] of text.matchAll(/^\s*\[\s*'([A-Z]{1,3}\d{1,3})['\s]/gm)) ids.add(id);
  }
  return ids;
}
