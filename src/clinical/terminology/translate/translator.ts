import type { Transaction } from '../../../foundation/database/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import { countMissing, type Seen } from '../unmapped/count.ts';
import { createFinder, type Loaded } from './finder.ts';
import { type CompiledRules, compileRules, type TranslationRules } from './rules.ts';
import { type Subject, seenIn, translated } from './translate-all.ts';
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
        const subjects = indexes.map((index) =>
          (writes[index] ?? []).map((write) => subjectOf(works[index]?.sender ?? '', write)),
        );
        const looked = seenIn(subjects.flat(), rules);
        if (looked.lookups.length === 0) continue;
        const found = await finderOf(rules)(looked.lookups);
        for (const [position, index] of indexes.entries()) {
          const { sender = '', messageId } = works[index] ?? {};
          const own = subjects[position] ?? [];
          writes[index] = own.map((subject) => {
            if (!looked.busy.has(subject)) return subject.write;
            const { result, missing } = translated(subject, { rules, found, seen: looked });
            for (const one of missing) seen.push({ ...one, rules, source: sender, messageId });
            return result;
          });
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

/** What a write says, as a subject. */
interface WriteSubject extends Subject<RecordWrite> {
  readonly write: RecordWrite;
}

const subjectOf = (sender: string, write: RecordWrite): WriteSubject => ({
  ...{ sender, write },
  walk(visit) {
    const set = walkElements(write.type, write.set, visit);
    return set === write.set ? write : { ...write, set };
  },
});
