import { previewWrites } from '../../clinical/record/index.ts';
import type { DryRunOptions, RecordRequest, ShowEffect } from '../../exchange/channels/index.ts';
import { stringifyExact } from '../../standards/fhir/index.ts';
import { productKinds } from '../engine/kinds.ts';
import { patientKeys } from '../engine/patient-keys.ts';
import { unmappedFieldsOf, writesOf } from '../engine/record-writes.ts';
import { translationsOf } from '../engine/steps/translate.ts';

/** What a configuration is run with when nothing may be queued, sent or written. */
export const dryRunTools = (home: string): DryRunOptions => ({
  kinds: productKinds(),
  keysOf: patientKeys,
  environment: process.env,
  home,
  showEffect,
});

/**
 * What the record would hold after this message alone, what it would take away, what could not be used, and what nobody reads: a change of the
 * mapping shows in a golden test.
 */
const showEffect: ShowEffect = (effect) => {
  if (effect.kind !== 'record') return effect.value;
  const request = effect.value as RecordRequest;
  const received = { messageId: 1, receivedAt: dryRunReceipt };
  const { writes, findings } = writesOf(request, received);
  const unmapped = unmappedFieldsOf(request, received);
  const removed = writes.flatMap(({ type, id, remove = [] }) =>
    remove.map((slot) => `${type}/${id} ${slot}`),
  );
  const translations = translationsOf(request).map(({ name }) => name);
  return {
    told: request.notify,
    // By name: what they give hangs on what is loaded where the engine runs.
    ...(translations.length > 0 ? { translations } : {}),
    resources: previewWrites(writes).map((resource): unknown => JSON.parse(stringifyExact(resource))),
    ...(removed.length > 0 ? { removed } : {}),
    ...(findings.length > 0 ? { findings } : {}),
    ...(Object.keys(unmapped).length > 0 ? { unmapped } : {}),
  };
};

/** A fixed moment after every message, so that a result depends on the message alone. */
const dryRunReceipt = new Date('2100-01-01T00:00:00Z');
