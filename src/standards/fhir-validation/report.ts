import { type Issue, MAX_ERRORS, MAX_REMARKS, type UncheckedBinding } from './types.ts';

/** Gathers the findings of one validation, and knows where in the resource it stands. */
export class Report {
  readonly issues: Issue[] = [];
  /** The place: element names, and indexes as numbers. Names are pushed before their index and popped after. */
  readonly path: (string | number)[] = [];
  #errors = 0;
  #remarks = 0;
  #seen = new Set<string>();
  readonly #unchecked: ((binding: UncheckedBinding) => void) | undefined;

  constructor(unchecked?: (binding: UncheckedBinding) => void) {
    this.#unchecked = unchecked;
  }

  /** So many errors that looking for more is of no use to anyone. */
  get full(): boolean {
    return this.#errors >= MAX_ERRORS;
  }

  error(code: string, rule: string, element?: string): void {
    this.add('error', code, rule, element);
  }

  warning(code: string, rule: string, element?: string): void {
    this.add('warning', code, rule, element);
  }

  /** At the present place, or at its child `element`. The same finding from two profiles is told once. */
  add(severity: Issue['severity'], code: string, rule: string, element?: string): void {
    const isError = severity === 'error';
    if (isError ? this.full : this.#remarks >= MAX_REMARKS) return;
    const expression = this.place(element);
    const identity = `${expression} ${rule}`;
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    if (isError) this.#errors += 1;
    else this.#remarks += 1;
    this.issues.push(isError && this.full ? tooMany(expression) : { severity, code, expression, rule });
  }

  /** A binding that cannot be checked, with the rule that would be broken. */
  binding(rule: string, broken: string, bound: Pick<UncheckedBinding, 'valueSet' | 'value' | 'type'>): void {
    const before = this.issues.length;
    this.add('information', 'not-supported', rule);
    const issue = this.issues[before];
    if (!issue) return;
    const expression = this.place();
    this.#unchecked?.({
      ...bound,
      issue,
      broken: { severity: 'error', code: 'code-invalid', expression, rule: broken },
    });
  }

  /** FHIRPath of the present place, or of its child. */
  place(element?: string): string {
    let text = '';
    for (const part of this.path) text += typeof part === 'number' ? `[${part}]` : text ? `.${part}` : part;
    return element ? `${text}.${element}` : text;
  }
}

const tooMany = (expression: string): Issue => ({
  severity: 'error',
  code: 'too-costly',
  expression: /^\w+/.exec(expression)?.[0] ?? '',
  rule: `more errors than are told (${MAX_ERRORS})`,
});
