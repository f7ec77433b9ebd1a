import type { Component, Term } from './expression.ts';
import { parseUnit } from './parse.ts';

/**
 * A unit in words, as UCUM's functional tests put it: `(meter ^ 3) * (kilogram ^ -1)`. No unit is unity (ISO 21090, PQ.unit); what is no unit of UCUM
 * is given back as it came.
 */
export function describe(code: string): string {
  if (code === '') return '(unity)';
  const unit = parseUnit(code);
  return 'rule' in unit ? code : termText(unit.term);
}

const termText = (term: Term): string =>
  term.map(({ operator, component }, at) => `${lead(operator, at)}${componentText(component)}`).join('');

function lead(operator: '.' | '/', at: number): string {
  if (at === 0) return operator === '/' ? '1 / ' : '';
  return operator === '/' ? ' / ' : ' * ';
}

function componentText(component: Component): string {
  if (component.kind === 'group') return `(${termText(component.term)})`;
  if (component.kind === 'annotation') return `{${component.annotation}}`;
  const note = component.annotation === undefined ? '' : ` {${component.annotation}}`;
  if (component.kind === 'number') return `${component.digits}${note}`;
  const { prefix, atom, exponent } = component;
  const raised = exponent === undefined ? '' : ` ^ ${exponent}`;
  return `(${prefix?.name ?? ''}${atom.name}${raised})${note}`;
}
