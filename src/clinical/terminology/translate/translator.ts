import type { Transaction } from '../../../foundation/database/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import { countMissing, type Seen } from '../unmapped/count.ts';
import { createFinder, type Loaded } from './finder.ts';
import { type CompiledRules, compileRules, type TranslationRules } from './rules.ts';
import { lookupsIn, type Subject, translated } from './translate-all.ts';
import { walkElements } from './walk.ts';

/** What one message says, and how it is to be translated: one `translate()` after the other. */
export interface TranslationWork {
  readonly rules: readonly TranslationRules[];
  /** The system that sent the message, by its name in the configuration. */
  readonly sender: string;
  readonly messageId?: number;
  readonly writes: readonly RecordWrite[];
}

export interface Translator {
  /**
   * The writes of a batch with translations beside their codes, in the order of the works. What nothing translates is counted, in the caller's
   * transaction. Throws when terminology can't be read: then the batch is to be tried again, and nothing is written untranslated.
   */
  translate(transaction: Transaction, works: readonly TranslationWork[]): Promise<(readonly RecordWrite[])[]>;
}

/** Translates in the pipeline; remembers, for as long as nothing is loaded, what it looked up. One for each node. */
export function createTranslator(loaded: Loaded): Translator {
  const compiled = new WeakMap<TranslationRules, CompiledRules>();
  const openFinder = createFinder(loaded);

  const rulesOf = (rules: TranslationRules): CompiledRules => {
    const known = compiled.get(rules);
    if (known) return known;
    const made = compileRules(rules);
    compiled.set(rules, made);
    return made;
  };

  return {
    async translate(transaction, works) {
      const writes = works.map((work) => work.writes);
      if (works.every(({ rules }) => rules.length === 0)) return writes;
      const finderOf = await openFinder(transaction);
      const seen: Seen[] = [];
      for (const { rules, indexes } of stagesOf(works, rulesOf)) {
        const subjects = indexes.map((index) => subjectOf(works[index]?.sender ?? '', writes[index] ?? []));
        const found = await finderOf(rules)(lookupsIn(subjects, rules));
        for (const [position, index] of indexes.entries()) {
          const subject = subjects[position];
          if (!subject) continue;
          const { result, missing } = translated(subject, { rules, found });
          const { sender = '', messageId } = works[index] ?? {};
          writes[index] = result;
          seen.push(...missing.map((one) => ({ ...one, rules, source: sender, messageId })));
        }
      }
      await countMissing(transaction, seen);
      return writes;
    },
  };
}

interface Stage {
  readonly rules: CompiledRules;
  /** Of the works. */
  readonly indexes: readonly number[];
}

/** The first `translate()` of every message, then the second: of those with the same rules together. */
function* stagesOf(
  works: readonly TranslationWork[],
  rulesOf: (rules: TranslationRules) => CompiledRules,
): Generator<Stage> {
  const most = Math.max(...works.map(({ rules }) => rules.length));
  for (let step = 0; step < most; step += 1) {
    const stages = new Map<CompiledRules, number[]>();
    for (const [index, { rules }] of works.entries()) {
      const own = rules[step];
      if (!own) continue;
      const compiled = rulesOf(own);
      const indexes = stages.get(compiled) ?? [];
      stages.set(compiled, indexes);
      indexes.push(index);
    }
    for (const [rules, indexes] of stages) yield { rules, indexes };
  }
}

const subjectOf = (sender: string, writes: readonly RecordWrite[]): Subject<readonly RecordWrite[]> => ({
  sender,
  walk: (visit) =>
    writes.map((write) => {
      const set = walkElements(write.type, write.set, visit);
      return set === write.set ? write : { ...write, set };
    }),
});
