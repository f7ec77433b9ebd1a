/**
 * What a configuration is written with. It promises: plain data only, so that a configuration can be loaded, hashed, compared and
 * judged before anything takes effect. It never does: open a port, read a secret, or run a step.
 */
export { backlog, disconnected, parked } from './alerts.ts';
export { by, channel, defineConfig } from './config.ts';
export type * from './connector-options.ts';
export { destination, directory, http, mllp, record, sftp, source, webhook } from './connectors.ts';
export type { Duration } from './duration.ts';
export { type Secret, secret, secretFile } from './secrets.ts';
export {
  closeVisit,
  enrich,
  event,
  filter,
  identify,
  type StepOptions,
  split,
  step,
  type TranslateOptions,
  type TranslationTargets,
  transform,
  translate,
} from './steps.ts';
export { ehr, type SystemOptions, system, telehealth } from './systems.ts';
export type * from './types.ts';
