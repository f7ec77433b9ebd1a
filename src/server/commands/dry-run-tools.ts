import type { DryRunOptions, RecordRequest, ShowEffect } from '../../exchange/channels/index.ts';
import { productKinds } from '../engine/kinds.ts';
import { patientKeys } from '../engine/patient-keys.ts';
import { writesOf } from '../engine/record-writes.ts';

/** What a configuration is run with when nothing may be queued, sent or written. */
export const dryRunTools = (home: string): DryRunOptions => ({
  kinds: productKinds(),
  keysOf: patientKeys,
  environment: process.env,
  home,
  showEffect,
});

/** What the record would be asked to write, and what could not be used: a change of the mapping shows in a golden test. */
const showEffect: ShowEffect = (effect) => {
  if (effect.kind !== 'record') return effect.value;
  const request = effect.value as RecordRequest;
  const { writes, findings } = writesOf(request, { messageId: 1, receivedAt: dryRunReceipt });
  return {
    told: request.notify,
    writes: writes.map(({ type, id, set, remove = [] }) => ({
      resource: `${type}/${id}`,
      set,
      ...(remove.length > 0 ? { remove } : {}),
    })),
    ...(findings.length > 0 ? { findings } : {}),
  };
};

/** A fixed moment after every message, so that a result depends on the message alone. */
const dryRunReceipt = new Date('2100-01-01T00:00:00Z');
