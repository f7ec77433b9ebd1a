import type { DryRunOptions } from '../../exchange/channels/index.ts';
import { productKinds } from '../engine/kinds.ts';
import { patientKeys } from '../engine/patient-keys.ts';

/** What a configuration is run with when nothing may be queued, sent or written. */
export const dryRunTools = (home: string): DryRunOptions => ({
  kinds: productKinds(),
  keysOf: patientKeys,
  environment: process.env,
  home,
});
