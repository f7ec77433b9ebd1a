import { type Issue, MAX_ISSUES } from './types.ts';

/** Gathers the findings of one validation, and knows where in the resource it stands. */
export class Report {
  readonly issues: Issue[] = [];
  /** The place: element names, and indexes as numbers. Names are pushed before their index and popped after. */
  readonly path: (string | number)[] = [];
  #seen = new Set<string>();

  get full(): boolean {
    return this.issues.length >= MAX_ISSUES;
  }

  error(code: string, rule: string, element?: string): void {
    this.add('error', code, rule, element);
  }

  warning(code: string, rule: string, element?: string): void {
    this.add('warning', code, rule, element);
  }

  /** At the present place, or at its child `element`. The same finding from two profiles is told once; past the limit only an error count remains. */
  add(severity: Issue['severity'], code: string, rule: string, element?: string): void {
    if (this.full) return;
    const expression = this.place(element);
    const identity = `${expression} ${rule}`;
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    this.issues.push(
      this.issues.length === MAX_ISSUES - 1
        ? { severity: 'error', code: 'too-costly', expression: rootOf(expression), rule: TOO_MANY }
        : { severity, code, expression, rule },
    );
  }

  /** FHIRPath of the present place, or of its child. */
  place(element?: string): string {
    let text = '';
    for (const part of this.path) text += typeof part === 'number' ? `[${part}]` : text ? `.${part}` : part;
    return element ? `${text}.${element}` : text;
  }
}

const TOO_MANY = `more findings than are told (${MAX_ISSUES})`;

const rootOf = (expression: string): string => /^\w+/.exec(expression)?.[0] ?? '';
