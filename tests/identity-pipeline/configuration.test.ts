import { expect, test } from 'vitest';
import {
  channel,
  checkConfig,
  defineConfig,
  ehr,
  formatMistakes,
  mllp,
  record,
} from '../../src/exchange/channels/index.ts';
import { productKinds } from '../../src/server/engine/index.ts';

/** The section `identity` of a configuration, judged before it takes effect. */

const mistakesOf = (identity: object) =>
  formatMistakes(
    checkConfig(
      defineConfig({
        systems: { general: ehr({ authority: '2.16.840.1.113883.19.5' }) },
        channels: [channel('adt', { from: mllp({ port: 2575, system: 'general' }), to: [record()] })],
        identity,
      }),
      { kinds: productKinds(), environment: {}, folder: '/' },
    ),
  );

test('[ID35] authorities, placeholders, thresholds, dual control and the time of holds are declared', () => {
  expect(
    mistakesOf({
      authorities: {
        '2.16.840.1.113883.19.5': { single: true, kind: 'mrn' },
        'http://hl7.org/fhir/sid/us-ssn': { trusted: true },
      },
      placeholders: { names: ['Trauma'], birthDates: ['1911-11-11'], phones: ['555-0000'] },
      thresholds: { same: 0.9999, review: 0.5 },
      dualControl: true,
      holdFor: '8h',
    }),
  ).toEqual([]);
});

test('[ID35] every mistake is listed with its place', () => {
  const mistakes = mistakesOf({
    authorities: { A: { trusted: 'yes' } },
    placeholders: { birthDates: ['11/11/1911'] },
    thresholds: { same: 0.5, review: 0.9 },
    holdFor: 'a while',
    dual: true,
  });
  expect(mistakes.map((line) => line.split(': ')[0]).sort()).toEqual([
    'identity.authorities.A.trusted',
    'identity.dual',
    'identity.holdFor',
    'identity.placeholders.birthDates[0]',
    'identity.thresholds',
  ]);
});
