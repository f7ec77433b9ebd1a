import { z } from 'zod';
import { type TranslationRules, translationName } from '../../../clinical/terminology/index.ts';
import type { RecordRequest, StepKind } from '../../../exchange/channels/index.ts';
import { resourceTypes } from '../../../standards/fhir/index.ts';

const canonical = z.string().regex(/^[a-z][a-z0-9+.-]*:[^\s|]{1,500}$/i, 'the canonical of a code system');
const map = z
  .string()
  .regex(/^[a-z][a-z0-9+.-]*:[^\s|]{1,500}$/i, 'the canonical of a concept map, without version');

const types: ReadonlySet<string> = new Set(resourceTypes);
const element = z
  .string()
  .refine(
    (path) => types.has(path.split('.')[0] ?? '') && /^[A-Z][A-Za-z]+(\.[a-zA-Z]+(\[x\])?)+$/.test(path),
    'an element of a resource, as Condition.code or MedicationRequest.medication[x]',
  );

const options = z.strictObject({
  name: z.string().regex(translationName, 'a name of letters, digits and hyphens, at most 40'),
  targets: z.record(element, z.array(canonical).max(10)).optional(),
  maps: z.array(map).min(1).max(100).optional(),
});
type TranslateStepOptions = z.infer<typeof options>;

const translateFact = 'translate';

/**
 * `translate()`: what `record()` writes of this message gets translations beside its codes. The step only says so: the maps are read where
 * the record is written, in the same transaction, so that a message that is run again meets the same maps as what it writes.
 */
export const translateStep: StepKind<TranslateStepOptions> = {
  name: 'translate',
  options: options as z.ZodType<TranslateStepOptions>,
  forRecord: true,
  create: ({ name, targets, maps }) => {
    const rules: TranslationRules = { name, ...(targets ? { targets } : {}), ...(maps ? { maps } : {}) };
    return (work) => {
      const before = rulesIn(work.facts);
      return {
        outcome: 'next',
        work: [{ ...work, facts: { ...work.facts, [translateFact]: [...before, rules] } }],
      };
    };
  },
};

const rulesIn = (facts: RecordRequest['facts']): readonly TranslationRules[] =>
  (facts[translateFact] as readonly TranslationRules[] | undefined) ?? [];

/** How what comes of this request is to be translated, one after the other. */
export const translationsOf = ({ facts }: RecordRequest): readonly TranslationRules[] => rulesIn(facts);
