import type {
  BuiltInStep,
  Condition,
  EventMatch,
  FilterStep,
  Options,
  SplitStep,
  TransformStep,
} from './types.ts';

/** Steps written in the configuration run in a worker thread, each under a time limit (5 s unless `timeoutMs` says otherwise). */
export interface StepOptions {
  readonly timeoutMs?: number;
}

/** By event: `event('A04', 'A08')`, `event('ADT^A04')`, `event('ORU')`; for JSON the whole type. */
export const event = (...events: [string, ...string[]]): EventMatch => ({ match: 'event', events });

/** Lets a message through when the condition holds; others end here, counted as filtered. */
export const filter = (run: Condition | EventMatch, options: StepOptions = {}): FilterStep => ({
  kind: 'filter',
  run,
  ...options,
});

/**
 * Changes a message: edit it in place (`message.set('PV1-2', 'O')`) or return new content (a string, bytes, an object for JSON).
 * It must give the same result each time: after a crash a message may pass again.
 */
export const transform = (run: TransformStep['run'], options: StepOptions = {}): TransformStep => ({
  kind: 'transform',
  run,
  ...options,
});

/** As `transform`, for work that waits for something else (a look-up); several messages may be under way at once. */
export const enrich = (run: TransformStep['run'], options: StepOptions = {}): TransformStep => ({
  kind: 'enrich',
  run,
  ...options,
});

/** One message in, several out; each goes to every destination. None at all counts as filtered. */
export const split = (run: SplitStep['run'], options: StepOptions = {}): SplitStep => ({
  kind: 'split',
  run,
  ...options,
});

const builtIn = (name: string, options: Options): BuiltInStep => ({ kind: 'built-in', name, options });

/** Whose message this is: resolves the source patient to a person when the record is written. */
export const identify = (options: Options = {}): BuiltInStep => builtIn('identify', options);

/** By element (`Condition.code`, `MedicationRequest.medication[x]`): the code systems that a code is wanted in, by canonical; none leaves it as it is. */
export type TranslationTargets = Readonly<Record<string, readonly string[]>>;

export interface TranslateOptions {
  /** In place of the default of these elements (docs/how-to/translate-codes.md). */
  readonly targets?: TranslationTargets;
  /** Canonicals of the concept maps, if only these are to be used beside the translation's own. */
  readonly maps?: readonly string[];
}

/**
 * Puts a translation beside each code that `record()` writes, by the concept maps that are loaded and by what was decided under this name
 * (`isthmus terminology map`). The sender's codes stay first, as they came; what no map translates passes as it is and is counted.
 */
export const translate = (name: string, options: TranslateOptions = {}): BuiltInStep =>
  builtIn('translate', { name, ...options });

/** Takes what a telehealth platform posts at the end of a visit and makes the note and the charge of it. */
export const closeVisit = (options: Options = {}): BuiltInStep => builtIn('closeVisit', options);

/** Any other step the product or an extension brings, by the name it is registered under. */
export const step = (name: string, options: Options = {}): BuiltInStep => builtIn(name, options);
