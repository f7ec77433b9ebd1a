/** A tutorial as steps to execute; docs/tutorial.md says at its head how its blocks are marked. */

export type Step = { readonly line: number } & (
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'run'; readonly text: string }
  | { readonly kind: 'terminal'; readonly name: string; readonly text: string; readonly until: string }
  | { readonly kind: 'shows'; readonly name: string | undefined; readonly lines: readonly string[] }
  | { readonly kind: 'ctrl-c'; readonly name: string }
);

const fence = /^```(\w+)(.*)$/;
const press = /<!-- ctrl-c (\w+) -->/g;

/** The steps in the order of the text. A block that is marked in a way nobody understands is an error. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    for (const [, name = ''] of line.matchAll(press)) steps.push({ kind: 'ctrl-c', name, line: at + 1 });
    const [, language, marks] = fence.exec(line) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    const step = stepOf(marks?.trim() ?? '', lines.slice(at + 1, end));
    if (step) steps.push({ ...step, line: at + 1 } as Step);
    at = end;
  }
  return steps;
}

function stepOf(marks: string, body: readonly string[]): object | undefined {
  const text = `${body.join('\n')}\n`;
  const [, path] = /^file=(\S+)$/.exec(marks) ?? [];
  if (path !== undefined) return { kind: 'file', path, text };
  const [, name, until] = /^terminal=(\w+) until="(.+)"$/.exec(marks) ?? [];
  if (name !== undefined) return { kind: 'terminal', name, text, until };
  const [shows, , shown] = /^shows(=(\w+))?$/.exec(marks) ?? [];
  if (shows !== undefined) return { kind: 'shows', name: shown, lines: body };
  if (marks === 'run') return { kind: 'run', text };
  if (marks === '') return undefined;
  throw new Error(`a block is marked "${marks}"`);
}

/** Do these lines occur in the output, in this order? `…` stands for anything; runs of blanks count as one. */
export function shows(output: string, expected: readonly string[]): boolean {
  let from = 0;
  const lines = output.split('\n').map(squeezed);
  return expected.every((line) => {
    const pattern = new RegExp(`^${squeezed(line).split('…').map(escaped).join('.*')}$`);
    const found = lines.findIndex((candidate, index) => index >= from && pattern.test(candidate));
    from = found + 1;
    return found >= 0;
  });
}

const squeezed = (line: string) => line.trim().replace(/\s+/g, ' ');
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
