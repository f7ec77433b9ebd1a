import fhirpath from 'fhirpath';

/** One step of a path, as the search parameters of R4 use them. */
export type Step =
  | { readonly kind: 'element'; readonly name: string }
  | { readonly kind: 'as'; readonly type: string }
  | { readonly kind: 'where'; readonly name: string; readonly value: string }
  | { readonly kind: 'resolves'; readonly type: string }
  | { readonly kind: 'index'; readonly index: number }
  /** `X.exists() and X != false` */
  | { readonly kind: 'present-not-false' };

export interface Path {
  /** `Observation` in `Observation.code`; left out when the path begins with an element. */
  readonly root?: string;
  readonly steps: readonly Step[];
}

interface AstNode {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly AstNode[];
}

/** The alternatives of a FHIRPath expression. Throws on whatever is not one of the few forms that R4's search parameters use. */
export function pathsOf(expression: string): Path[] {
  return paths(fhirpath.parse(expression) as AstNode, expression);
}

function paths(node: AstNode, expression: string): Path[] {
  const children = node.children ?? [];
  const [left, right] = children;
  const refuse = () => new Error(`${expression}: ${node.type} ${node.text ?? ''} is not compiled`);
  switch (node.type) {
    case 'EntireExpression':
    case 'TermExpression':
    case 'ParenthesizedTerm':
    case 'InvocationTerm':
      if (!left || children.length !== 1) throw refuse();
      return paths(left, expression);
    case 'UnionExpression':
      return children.flatMap((child) => paths(child, expression));
    case 'MemberInvocation': {
      const name = node.text ?? '';
      return [/^[A-Z]/.test(name) ? { root: name, steps: [] } : { steps: [{ kind: 'element', name }] }];
    }
    case 'InvocationExpression':
    case 'IndexerExpression':
    case 'TypeExpression': {
      const step = right && stepOf(node, right);
      if (!left || !step) throw refuse();
      return paths(left, expression).map((path) => ({ ...path, steps: [...path.steps, step] }));
    }
    case 'AndExpression': {
      const present = left && presentNotFalse(left, right, expression);
      if (!present) throw refuse();
      return present;
    }
    default:
      throw refuse();
  }
}

function stepOf(node: AstNode, right: AstNode): Step | undefined {
  if (node.type === 'TypeExpression') return node.text === 'as' ? typed('as', textOf(right)) : undefined;
  if (node.type === 'IndexerExpression') return { kind: 'index', index: Number(textOf(right)) };
  if (right.type === 'MemberInvocation') return { kind: 'element', name: right.text ?? '' };
  if (right.type !== 'FunctionInvocation') return undefined;
  const argument = right.children?.[0]?.children?.[1]?.children?.[0];
  if (right.text === 'as' && argument) return typed('as', textOf(argument));
  if (right.text === 'where' && argument) return filterOf(argument);
  return undefined;
}

function filterOf({ type, text, children = [] }: AstNode): Step | undefined {
  const [left, right] = children;
  if (!left || !right) return undefined;
  if (type === 'TypeExpression' && text === 'is' && invoked(left)?.text === 'resolve')
    return typed('resolves', textOf(right));
  const name = invoked(left);
  if (type !== 'EqualityExpression' || text !== '=' || name?.type !== 'MemberInvocation') return undefined;
  return { kind: 'where', name: name.text ?? '', value: textOf(right).replace(/^'|'$/g, '') };
}

const typed = (kind: 'as' | 'resolves', type: string): Step => ({ kind, type });

/** TermExpression / InvocationTerm around a member or a function. */
const invoked = (node: AstNode) => node.children?.[0]?.children?.[0];

const textOf = (node: AstNode): string => node.text ?? textOf(node.children?.[0] ?? { type: '', text: '' });

/** `Patient.deceased.exists() and Patient.deceased != false` */
function presentNotFalse(left: AstNode, right: AstNode | undefined, expression: string): Path[] | undefined {
  const [subject, exists] = left.children ?? [];
  const [compared, literal] = right?.children ?? [];
  if (!subject || exists?.text !== 'exists' || right?.text !== '!=' || !compared || !literal)
    return undefined;
  const of = paths(subject, expression);
  if (textOf(literal) !== 'false' || JSON.stringify(of) !== JSON.stringify(paths(compared, expression)))
    return undefined;
  return of.map((path) => ({ ...path, steps: [...path.steps, { kind: 'present-not-false' }] }));
}
