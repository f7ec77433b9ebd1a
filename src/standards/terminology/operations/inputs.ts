import { TerminologyError } from '../errors.ts';
import { isNode, splitCanonical, textOf } from '../node.ts';
import type { Definition } from '../types.ts';

/** A parameter of an operation, as it stood in Parameters or in an address, where everything is text. */
export interface Input {
  readonly name: string;
  readonly value?: unknown;
  readonly resource?: Definition;
}

export interface CodingInput {
  readonly system?: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
}

/** Reads parameters by what they should be. Throws TerminologyError for what is something else. */
export class Inputs {
  readonly #all: readonly Input[];

  constructor(all: readonly Input[]) {
    this.#all = all;
  }

  #one(...names: readonly string[]): Input | undefined {
    const found = this.#all.filter(({ name }) => names.includes(name));
    if (found.length > 1)
      throw new TerminologyError('invalid', `The parameter ${names[0]} is given more than once`);
    return found[0];
  }

  has(...names: readonly string[]): boolean {
    return this.#all.some(({ name }) => names.includes(name));
  }

  text(...names: readonly string[]): string | undefined {
    const { value } = this.#one(...names) ?? {};
    if (value === undefined || value === '') return undefined;
    if (typeof value !== 'string') throw wrong(names, 'a text');
    return value;
  }

  texts(name: string): readonly string[] {
    return this.#all.flatMap((one) =>
      one.name === name && typeof one.value === 'string' ? [one.value] : [],
    );
  }

  flag(...names: readonly string[]): boolean | undefined {
    const { value } = this.#one(...names) ?? {};
    if (value === undefined || typeof value === 'boolean') return value;
    if (value !== 'true' && value !== 'false') throw wrong(names, 'true or false');
    return value === 'true';
  }

  /** A whole number from 0. */
  count(name: string): number | undefined {
    const { value } = this.#one(name) ?? {};
    if (value === undefined) return undefined;
    if (!/^\d{1,9}$/.test(String(value))) throw wrong([name], 'a whole number from 0');
    return Number(value);
  }

  coding(name: string): CodingInput | undefined {
    const { value } = this.#one(name) ?? {};
    if (value === undefined) return undefined;
    // In an address `system|code` (R4 search.html#token).
    if (typeof value === 'string') {
      const bar = value.indexOf('|');
      return bar === -1 ? { code: value } : { system: value.slice(0, bar), code: value.slice(bar + 1) };
    }
    const coding = isNode(value) ? codingOf(value) : undefined;
    if (!coding) throw wrong([name], 'a Coding with a code');
    return coding;
  }

  node(name: string): Definition | undefined {
    const { value } = this.#one(name) ?? {};
    if (value !== undefined && !isNode(value)) throw wrong([name], 'an object');
    return value;
  }

  resource(name: string): Definition | undefined {
    const found = this.#one(name);
    if (found && !found.resource) throw wrong([name], 'a resource');
    return found?.resource;
  }

  resources(name: string): readonly Definition[] {
    return this.#all.flatMap((one) => (one.name === name && one.resource ? [one.resource] : []));
  }

  parts(name: string): readonly Definition[] {
    return this.#all.flatMap((one) => (one.name === name && isNode(one.value) ? [one.value] : []));
  }

  /** `url|version`, and the version may be a parameter of its own. */
  canonical(
    name: string,
    versionName: string,
  ): { readonly url: string; readonly version?: string } | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const split = splitCanonical(text);
    const version = this.text(versionName) ?? split.version;
    return { url: split.url, ...(version === undefined ? {} : { version }) };
  }
}

const wrong = (names: readonly string[], what: string): TerminologyError =>
  new TerminologyError('invalid', `The parameter ${names[0]} is ${what}`);

export function codingOf(node: Definition): CodingInput | undefined {
  const code = textOf(node, 'code');
  if (code === undefined) return undefined;
  const [system, version, display] = [
    textOf(node, 'system'),
    textOf(node, 'version'),
    textOf(node, 'display'),
  ];
  return {
    ...(system ? { system } : {}),
    ...(version ? { version } : {}),
    code,
    ...(display ? { display } : {}),
  };
}
