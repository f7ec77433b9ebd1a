import { expect, test } from 'vitest';
import {
  type BuiltInStep,
  channel,
  checkConfig,
  defineConfig,
  ehr,
  formatMistakes,
  identify,
  mllp,
  record,
  translate,
} from '../../src/exchange/channels/index.ts';
import { productKinds } from '../../src/server/engine/index.ts';

/** `translate()` as a configuration has it, judged before it takes effect. */

const mistakesOf = (steps: BuiltInStep[], to: (ReturnType<typeof record> | ReturnType<typeof mllp>)[]) =>
  formatMistakes(
    checkConfig(
      defineConfig({
        systems: { general: ehr({ mllp: { host: '127.0.0.1', port: 2600 } }) },
        channels: [
          channel('adt', {
            from: mllp({ port: 2575, system: 'general' }),
            steps,
            to: [to[0] ?? record(), ...to.slice(1)],
          }),
        ],
      }),
      { kinds: productKinds(), environment: {}, folder: '/' },
    ),
  );

test('[TU10] [CH7] translate() among the steps of a channel with record() has no mistake', () => {
  const step = translate('general-to-standard', {
    targets: { 'Condition.code': ['http://snomed.info/sct'], 'MedicationRequest.medication[x]': [] },
    maps: ['http://general.example/ConceptMap/lab'],
  });
  expect(mistakesOf([identify(), translate('general-to-standard')], [record()])).toEqual([]);
  expect(mistakesOf([step], [record()])).toEqual([]);
});

test('[TU10] [CH7] where it would come to nothing it is a mistake', () => {
  const rule = 'translate is for record(): among the steps of a channel that has one';
  expect(mistakesOf([translate('x')], [mllp('general')])).toEqual([`channels.adt.steps[0]: ${rule}`]);
  expect(mistakesOf([], [record(), mllp('general', { steps: [translate('x')] })])).toEqual([
    `channels.adt.to[1].steps[0]: ${rule}`,
  ]);
});

test('[TU10] names, elements and canonicals are judged, all at once', () => {
  const step = translate('general to standard', {
    targets: { condition: ['http://snomed.info/sct'], 'Condition.code': ['SNOMED CT'] },
    maps: ['lab'],
  });
  expect(mistakesOf([step], [record()])).toEqual([
    expect.stringContaining('channels.adt.steps[0].name: a name of letters'),
    expect.stringContaining('channels.adt.steps[0].targets.condition: '),
    expect.stringContaining(
      'channels.adt.steps[0].targets.Condition.code[0]: the canonical of a code system',
    ),
    expect.stringContaining('channels.adt.steps[0].maps[0]: the canonical of a concept map'),
  ]);
});
