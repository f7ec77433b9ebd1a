import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Page {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

const skipped = new Set(['node_modules', 'dist', '.git', '.isthmus', 'coverage']);

/** Every Markdown file of the repository. */
export function pages(folder = root): Page[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : pages(path);
    return entry.name.endsWith('.md')
      ? [{ path: relative(root, path), text: readFileSync(path, 'utf8') }]
      : [];
  });
}

export const page = (path: string): Page => ({ path, text: readFileSync(join(root, path), 'utf8') });

export interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

/** Fenced blocks, and indented ones (whose language is ''). */
export function blocksOf({ text }: Page): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language = ''] = /^ {0,3}(```+)(\w*)/.exec(lines[at] ?? '') ?? [];
    if (fence !== undefined) {
      const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
      blocks.push({ language, text: lines.slice(at + 1, end).join('\n'), line: at + 1 });
      at = end;
    } else if (/^ {4}\S/.test(lines[at] ?? '') && (lines[at - 1] ?? '') === '') {
      const end = lines.findIndex((line, index) => index > at && !/^( {4}|$)/.test(line));
      const body = lines.slice(at, end < 0 ? undefined : end).map((line) => line.slice(4));
      blocks.push({ language: '', text: body.join('\n').trimEnd(), line: at + 1 });
      at = (end < 0 ? lines.length : end) - 1;
    }
  }
  return blocks;
}

/** The text without fenced blocks and code spans: what a reader can click. */
export const proseOf = ({ text }: Page): string =>
  text.replace(/^ {0,3}```[\s\S]*?^ {0,3}```$/gm, '').replace(/`[^`\n]*`/g, '');

/** Targets of links and pictures that lie in the repository. */
export function linksOf(page: Page): string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(
    ([, target = '']) => target,
  );
  return targets.filter((target) => !/^[a-z]+:/i.test(target));
}

/** Anchors as GitHub makes them of headings, and those written as ids. */
export function anchorsOf({ text }: Page): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} +(.+?) *$/gm);
  const slugs = [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
  const ids = [...text.matchAll(/\bid="([^"]+)"/g)].map(([, id = '']) => id);
  return new Set([...slugs, ...ids]);
}
