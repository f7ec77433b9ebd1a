import { TerminologyError } from '../errors.ts';
import { canonicalOf, splitCanonical, textOf } from '../node.ts';
import { combineSources } from '../sources/combine.ts';
import { resourceSource } from '../sources/resources.ts';
import type { CodeSystemView, Definition, TerminologySource } from '../types.ts';
import { compareVersions, meetsVersion } from '../versions.ts';
import { withSupplements } from '../views/with-supplements.ts';
import { type Input, Inputs } from './inputs.ts';
import { missingSupplement } from './messages.ts';

/** A question to terminology. */
export interface Ask {
  readonly source: TerminologySource;
  readonly inputs: readonly Input[];
  /** Ends the work: what takes longer is too costly. */
  readonly signal?: AbortSignal;
}

/** What became of a code system that was asked for. */
export interface Resolved {
  readonly url: string;
  /** What was looked for, a version or a pattern of versions; nothing where any will do. */
  readonly wanted: string | undefined;
  /** How it came to be wanted. */
  readonly by: 'force' | 'given' | 'default' | 'check' | 'none';
  readonly view: CodeSystemView | undefined;
  /** Versions there are, where there is no view. */
  readonly known: readonly string[];
}

/** Steps between two turns of others, and altogether. */
const TURN = 200;
const MAX_STEPS = 1_000_000;
/** A part of a value set that is looked at counts as so many. */
const PART = 10;

/** One question's view of the source: resources sent along, rules about versions, supplements, and what was used to answer. */
export class Context {
  readonly inputs: Inputs;
  readonly source: TerminologySource;
  readonly usedSystems = new Set<string>();
  readonly usedValueSets = new Set<string>();
  readonly usedSupplements = new Set<string>();
  /** `name=url|version` of parameters about versions that decided something. */
  readonly usedVersionRules = new Set<string>();
  readonly #signal: AbortSignal | undefined;
  readonly #rules: Readonly<Record<'force' | 'default' | 'check', ReadonlyMap<string, string>>>;
  readonly #views = new Map<string, Promise<Resolved>>();
  readonly #supplements: readonly string[];
  #steps = 0;

  /** Supplements by canonical, beside those that are asked for. */
  constructor({ source, inputs, signal }: Ask, supplements: readonly string[] = []) {
    this.inputs = new Inputs(inputs);
    const sent = this.inputs.resources('tx-resource');
    this.source = sent.length === 0 ? source : combineSources([resourceSource(sent), source]);
    this.#signal = signal;
    this.#supplements = [...this.inputs.texts('useSupplement'), ...supplements];
    this.#rules = {
      force: rulesOf(this.inputs.texts('force-system-version')),
      default: rulesOf(this.inputs.texts('system-version')),
      check: rulesOf(this.inputs.texts('check-system-version')),
    };
  }

  /** A code system for an include or a coding that names a version or none, by the rules about versions. */
  codeSystem(url: string, version?: string): Promise<Resolved> {
    const key = canonicalOf(url, version);
    const present = this.#views.get(key);
    if (present) return present;
    const resolved = this.#resolve(url, version);
    this.#views.set(key, resolved);
    return resolved;
  }

  /** A code system in the version of a coding, whatever the rules say. */
  codeSystemOf(url: string, version: string): Promise<Resolved> {
    const key = `=${canonicalOf(url, version)}`;
    const present = this.#views.get(key);
    if (present) return present;
    const resolved = this.#find(url, { wanted: version, by: 'given' });
    this.#views.set(key, resolved);
    return resolved;
  }

  #resolve(url: string, version: string | undefined): Promise<Resolved> {
    return this.#find(url, this.#wanted(url, version));
  }

  async #find(url: string, { wanted, by }: Pick<Resolved, 'wanted' | 'by'>): Promise<Resolved> {
    const exact = await this.source.codeSystem(url, wanted);
    if (exact) return { url, wanted, by, known: [], view: await this.#supplemented(exact) };
    const known = [...(await this.source.codeSystemVersions(url))].sort(compareVersions);
    const matching =
      wanted === undefined ? undefined : known.filter((one) => meetsVersion(wanted, one)).at(-1);
    const view = matching === undefined ? undefined : await this.source.codeSystem(url, matching);
    return { url, wanted, by, known, view: view && (await this.#supplemented(view)) };
  }

  #wanted(url: string, version: string | undefined): Pick<Resolved, 'wanted' | 'by'> {
    const forced = this.#rules.force.get(url);
    if (forced !== undefined) return { wanted: forced, by: 'force' };
    if (version !== undefined) return { wanted: version, by: 'given' };
    for (const by of ['default', 'check'] as const) {
      const wanted = this.#rules[by].get(url);
      if (wanted !== undefined) return { wanted, by };
    }
    return { wanted: undefined, by: 'none' };
  }

  /** The pattern that a parameter requires of the versions of a code system. */
  requiredVersion(url: string): string | undefined {
    return this.#rules.check.get(url);
  }

  async #supplemented(view: CodeSystemView): Promise<CodeSystemView> {
    if (this.#supplements.length === 0) return view;
    const mine = (await this.source.supplements(view.url)).filter((one) => {
      const { version } = splitCanonical(textOf(one, 'supplements') ?? '');
      return this.#asks(one) && (version === undefined || version === view.version);
    });
    for (const one of mine)
      this.usedSupplements.add(canonicalOf(textOf(one, 'url') ?? '', textOf(one, 'version')));
    return withSupplements(view, mine);
  }

  #asks(supplement: Definition): boolean {
    const [url, version] = [textOf(supplement, 'url'), textOf(supplement, 'version')];
    return this.#supplements
      .map(splitCanonical)
      .some((one) => one.url === url && (one.version ?? version) === version);
  }

  /** To be called when all is done: a supplement that was asked for and was not there may have changed the answer. */
  checkSupplements(): void {
    const used = [...this.usedSupplements].map((canonical) => splitCanonical(canonical).url);
    const missing = this.#supplements.find((canonical) => !used.includes(splitCanonical(canonical).url));
    if (missing !== undefined)
      throw new TerminologyError('not-found', missingSupplement(missing), { detail: 'not-found' });
  }

  /** Notes that a code system took part in the answer, and the rules that chose its version. */
  use({ url, view, by, wanted }: Resolved): void {
    if (view) this.usedSystems.add(canonicalOf(url, view.version));
    const name = { force: 'force-system-version', default: 'system-version', check: 'check-system-version' };
    if (by !== 'given' && by !== 'none') this.usedVersionRules.add(`${name[by]}=${canonicalOf(url, wanted)}`);
  }

  /** A value set by canonical, perhaps with a version, which may be a pattern. */
  async valueSet(canonical: string): Promise<Definition | undefined> {
    const { url, version } = splitCanonical(canonical);
    const rule = this.inputs
      .texts('default-valueset-version')
      .map(splitCanonical)
      .find((one) => one.url === url)?.version;
    const wanted = version ?? rule;
    const exact = await this.source.valueSet(url, wanted);
    if (exact || wanted === undefined) return exact;
    const known = [...(await this.source.valueSetVersions(url))].sort(compareVersions);
    const matching = known.filter((one) => meetsVersion(wanted, one)).at(-1);
    return matching === undefined ? undefined : this.source.valueSet(url, matching);
  }

  /** To be called in loops: lets others have their turn, and ends what takes too long. */
  async step(isPart = false): Promise<void> {
    const before = Math.floor(this.#steps / TURN);
    this.#steps += isPart ? PART : 1;
    if (Math.floor(this.#steps / TURN) !== before)
      await new Promise<void>((resolve) => void setImmediate(resolve));
    if (this.#signal?.aborted || this.#steps > MAX_STEPS)
      throw new TerminologyError('too-costly', 'The answer takes too long', { detail: 'too-costly' });
  }
}

function rulesOf(canonicals: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    canonicals.flatMap((canonical) => {
      const { url, version } = splitCanonical(canonical);
      return version === undefined ? [] : [[url, version]];
    }),
  );
}
