import { isKnownResourceType } from '../../fhir/index.ts';
import { isObject } from '../json.ts';
import {
  asItems,
  distinct,
  type Evaluate,
  type Evaluation,
  functions,
  spend,
  truth,
  Undecidable,
} from './functions.ts';
import { childrenNamed, compare, EMPTY, equal, type Items, numberOf, plainOf } from './items.ts';
import { type Expression, parseExpression, Unsupported } from './syntax.ts';

/** Throws `Unsupported` for an expression that is not of the subset. */
export const compileExpression = (text: string): Evaluate => compile(parseExpression(text));

function compile(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal': {
      const items = expression.value === undefined ? EMPTY : [expression.value];
      return () => items;
    }
    case 'this':
      return (focus) => focus;
    case 'variable':
      return variable(expression.name);
    case 'path':
      return path(expression.of, expression.name);
    case 'call':
      return call(expression);
    case 'index':
      return indexed(compile(expression.of), compile(expression.index));
    case 'type':
      return typed(expression);
    case 'binary':
      return binary(expression.op, compile(expression.left), compile(expression.right));
  }
}

const CONSTANTS: Readonly<Record<string, string>> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
};

function variable(name: string): Evaluate {
  const constant = CONSTANTS[name];
  if (constant) return () => [constant];
  if (name !== 'resource' && name !== 'rootResource' && name !== 'context') throw new Unsupported();
  return (_, environment) => [environment[name]];
}

function path(of: Expression | undefined, name: string): Evaluate {
  if (!of) {
    if (isKnownResourceType(name))
      return (focus) => focus.filter((item) => isObject(item) && item.resourceType === name);
    if (/^[A-Z]/.test(name)) throw new Unsupported();
    return (focus, environment) => children(focus, name, environment);
  }
  const from = compile(of);
  return (focus, environment) => children(from(focus, environment), name, environment);
}

function children(items: Items, name: string, environment: Evaluation): Items {
  const found = childrenNamed(items, name);
  spend(environment, items.length + found.length);
  return found;
}

function call({ of, name, args }: Expression & { kind: 'call' }): Evaluate {
  if (name === 'ofType' || name === 'is' || name === 'as') return typed(typeCall(of, name, args));
  const apply = functions[name];
  if (!apply || !Object.hasOwn(functions, name)) throw new Unsupported();
  const from = of && compile(of);
  const compiled = args.map(compile);
  return (focus, environment) =>
    apply({ items: from ? from(focus, environment) : focus, focus, args: compiled, environment });
}

function typeCall(
  of: Expression | undefined,
  name: 'ofType' | 'is' | 'as',
  args: readonly Expression[],
): Expression & { kind: 'type' } {
  const [type] = args;
  if (type?.kind !== 'path' || args.length !== 1) throw new Unsupported();
  return { kind: 'type', op: name === 'is' ? 'is' : 'as', of: of ?? { kind: 'this' }, type: type.name };
}

/** JSON tells the type of a resource, and by its name that of a choice; the type of anything else is not known here. Nothing is of no type. */
function typed({ op, of, type }: Expression & { kind: 'type' }): Evaluate {
  if (isKnownResourceType(type)) {
    const from = compile(of);
    const isType = (item: unknown): boolean => isObject(item) && item.resourceType === type;
    if (op === 'as') return (focus, environment) => from(focus, environment).filter(isType);
    return (focus, environment) => asItems(from(focus, environment).some(isType));
  }
  if (of.kind === 'this') return op === 'is' ? typeOfContext(type) : contextAs(type);
  if (of.kind !== 'path') throw new Unsupported();
  const chosen = path(of.of, `${of.name}${type.charAt(0).toUpperCase()}${type.slice(1)}`);
  return op === 'as' ? chosen : (focus, environment) => asItems(chosen(focus, environment).length > 0);
}

/** `$this is DateTime` on the element that the invariant is about: its type is told by whoever evaluates. */
function typeOfContext(type: string): Evaluate {
  const wanted = type.toLowerCase();
  return ([item], environment) => {
    if (item === undefined) return asItems(false);
    if (item !== environment.context || environment.type === undefined) throw new Undecidable();
    return asItems(environment.type.toLowerCase() === wanted);
  };
}

/** `$this as dateTime`: of another type the rest of the expression says nothing. */
function contextAs(type: string): Evaluate {
  const isType = typeOfContext(type);
  return (focus, environment) => {
    if (truth(isType(focus, environment)) !== true) throw new Undecidable();
    return focus;
  };
}

function indexed(of: Evaluate, index: Evaluate): Evaluate {
  return (focus, environment) => {
    const at = numberOf(plainOf(index(focus, environment)[0]));
    return at === undefined ? EMPTY : of(focus, environment).slice(at, at + 1);
  };
}

type Operator = (left: Items, right: Items, environment: Evaluation) => Items;

function binary(op: string, left: Evaluate, right: Evaluate): Evaluate {
  const logic = LOGIC[op];
  if (logic) return logic(left, right);
  const apply = OPERATORS[op];
  if (!apply) throw new Unsupported();
  return (focus, environment) => apply(left(focus, environment), right(focus, environment), environment);
}

const both = (
  left: Evaluate,
  right: Evaluate,
  combine: (a?: boolean, b?: boolean) => boolean | undefined,
): Evaluate => {
  return (focus, environment) =>
    asItems(combine(truth(left(focus, environment)), truth(right(focus, environment))));
};

/** Stops as soon as the left side decides; three-valued (N1 boolean logic). */
const deciding =
  (decisive: boolean) =>
  (left: Evaluate, right: Evaluate): Evaluate =>
  (focus: Items, environment: Evaluation) => {
    const a = truth(left(focus, environment));
    if (a === decisive) return asItems(decisive);
    const b = truth(right(focus, environment));
    if (b === decisive) return asItems(decisive);
    return a === undefined || b === undefined ? EMPTY : asItems(!decisive);
  };

const LOGIC: Readonly<Record<string, (left: Evaluate, right: Evaluate) => Evaluate>> = {
  and: deciding(false),
  or: deciding(true),
  xor: (left, right) =>
    both(left, right, (a, b) => (a === undefined || b === undefined ? undefined : a !== b)),
  implies: (left, right) => (focus, environment) => {
    const a = truth(left(focus, environment));
    if (a === false) return asItems(true);
    const b = truth(right(focus, environment));
    if (b === true) return asItems(true);
    return a === undefined || b === undefined ? EMPTY : asItems(false);
  },
};

/** Quantities of other units break no rule: true. A date within the other is neither before nor after it: empty. */
const ordering =
  (test: (order: number) => boolean): Operator =>
  (left, right) => {
    if (left.length !== 1 || right.length !== 1) return EMPTY;
    const order = compare(left[0], right[0]);
    if (order !== undefined) return asItems(test(order));
    return isObject(left[0]) ? asItems(true) : EMPTY;
  };

const equality =
  (expected: boolean): Operator =>
  (left, right) => {
    if (left.length === 0 || right.length === 0) return EMPTY;
    const same = left.length === right.length && left.every((item, index) => equal(item, right[index]));
    return asItems(same === expected);
  };

const contains = (items: Items, item: Items): Items =>
  item.length === 0 ? EMPTY : asItems(items.some((other) => equal(other, item[0])));

const arithmetic =
  (apply: (x: number, y: number) => number): Operator =>
  (left, right) => {
    const [x, y] = [numberOf(plainOf(left[0])), numberOf(plainOf(right[0]))];
    return x === undefined || y === undefined ? EMPTY : [apply(x, y)];
  };

const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': equality(true),
  '!=': equality(false),
  '<': ordering((order) => order < 0),
  '>': ordering((order) => order > 0),
  '<=': ordering((order) => order <= 0),
  '>=': ordering((order) => order >= 0),
  in: (left, right) => contains(right, left),
  contains,
  '|': (left, right, environment) => distinct([...left, ...right], environment),
  '&': (left, right) => [`${textOf(left)}${textOf(right)}`],
  '*': arithmetic((x, y) => x * y),
  '-': arithmetic((x, y) => x - y),
  mod: arithmetic((x, y) => x % y),
  '+': (left, right) => {
    const [a, b] = [plainOf(left[0]), plainOf(right[0])];
    const [x, y] = [numberOf(a), numberOf(b)];
    if (x !== undefined && y !== undefined) return [x + y];
    return typeof a === 'string' && typeof b === 'string' ? [a + b] : EMPTY;
  },
};

const textOf = (items: Items): string => {
  const value = plainOf(items[0]);
  return typeof value === 'string' ? value : '';
};
