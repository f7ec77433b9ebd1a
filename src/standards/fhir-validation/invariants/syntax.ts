/**
 * The syntax of FHIRPath (N1 release, FHIR R4 fhirpath.html) as far as invariants use it. What is beyond is not read wrongly but refused, and then the
 * library takes the expression.
 */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | undefined }
  | { readonly kind: 'this' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'path'; readonly of: Expression | undefined; readonly name: string }
  | {
      readonly kind: 'call';
      readonly of: Expression | undefined;
      readonly name: string;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'type'; readonly op: 'is' | 'as'; readonly of: Expression; readonly type: string }
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression };

/** The expression, or a part of it, is not of the subset. */
export class Unsupported extends Error {}

const TOKEN =
  /\s*(?:(?<number>\d+(?:\.\d+)?)|(?<string>'(?:[^'\\]|\\.)*')|`(?<quoted>[^`]+)`|(?<variable>%(?:[\w-]+|`[^`]+`))|(?<word>\$?[A-Za-z_]\w*)|(?<sign><=|>=|!=|!~|[-+*/=<>~&|.,()[\]{}]))/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

interface Token {
  readonly kind: 'number' | 'string' | 'quoted' | 'variable' | 'word' | 'sign';
  readonly text: string;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const source = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const groups = TOKEN.exec(source)?.groups;
    const entry = Object.entries(groups ?? {}).find(([, value]) => value !== undefined);
    if (!entry) throw new Unsupported();
    found.push({ kind: entry[0] as Token['kind'], text: entry[1] as string });
  }
  return found;
}

/** Binary operators, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '!='],
  ['<', '>', '<=', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '-', '&'],
  ['*', 'mod'],
];

/** Throws `Unsupported` for what is not of the subset. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokens(text));
  const expression = parser.binary(0);
  if (!parser.done) throw new Unsupported();
  return expression;
}

class Parser {
  #at = 0;
  readonly #tokens: readonly Token[];
  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  binary(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.#postfix();
    let left = this.binary(level + 1);
    for (;;) {
      const token = this.#tokens[this.#at];
      if (!token || !(token.kind === 'word' || token.kind === 'sign') || !operators.includes(token.text))
        return left;
      this.#at += 1;
      if (token.text === 'is' || token.text === 'as')
        left = { kind: 'type', op: token.text, of: left, type: this.#typeName() };
      else left = { kind: 'binary', op: token.text, left, right: this.binary(level + 1) };
    }
  }

  #postfix(): Expression {
    let expression = this.#term();
    for (;;) {
      if (this.#skip('.')) expression = this.#member(expression);
      else if (this.#skip('[')) {
        expression = { kind: 'index', of: expression, index: this.binary(0) };
        this.#expect(']');
      } else return expression;
    }
  }

  #term(): Expression {
    const token = this.#tokens[this.#at];
    if (!token) throw new Unsupported();
    if (token.kind === 'number') return this.#take({ kind: 'literal', value: Number(token.text) });
    if (token.kind === 'string') return this.#take({ kind: 'literal', value: unquoted(token.text) });
    if (token.kind === 'variable')
      return this.#take({ kind: 'variable', name: token.text.slice(1).replaceAll('`', '') });
    if (token.kind === 'sign') return this.#enclosed();
    if (token.text === 'true' || token.text === 'false')
      return this.#take({ kind: 'literal', value: token.text === 'true' });
    if (token.text === '$this') return this.#take({ kind: 'this' });
    if (token.text.startsWith('$')) throw new Unsupported();
    return this.#member(undefined);
  }

  #enclosed(): Expression {
    if (this.#skip('{')) {
      this.#expect('}');
      return { kind: 'literal', value: undefined };
    }
    this.#expect('(');
    const inner = this.binary(0);
    this.#expect(')');
    return inner;
  }

  #member(of: Expression | undefined): Expression {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' && token?.kind !== 'quoted') throw new Unsupported();
    this.#at += 1;
    if (token.kind === 'quoted' || !this.#skip('(')) return { kind: 'path', of, name: token.text };
    const args: Expression[] = [];
    if (!this.#skip(')')) {
      do args.push(this.binary(0));
      while (this.#skip(','));
      this.#expect(')');
    }
    return { kind: 'call', of, name: token.text, args };
  }

  #typeName(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word') throw new Unsupported();
    this.#at += 1;
    if (!this.#skip('.')) return token.text;
    return this.#typeName();
  }

  #take(expression: Expression): Expression {
    this.#at += 1;
    return expression;
  }

  #skip(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#skip(sign)) throw new Unsupported();
  }
}

const unquoted = (text: string): string =>
  text
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, unicode?: string, escaped = '') =>
      unicode ? String.fromCharCode(Number.parseInt(unicode, 16)) : (ESCAPES[escaped] ?? escaped),
    );
