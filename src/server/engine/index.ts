/**
 * The composition root: joins the modules into a running engine.
 *
 * It promises: nothing is left running when something does not come up; a source opens only while this node owns the queues; a stop loses
 * nothing that was acknowledged. It never does: hold a rule of its own; what decides lives in the modules it joins.
 */

export { type ClientFile, operatorClient } from './clients.ts';
export { heldMessage } from './held-message.ts';
export { productKinds } from './kinds.ts';
export { type LoadedAndChecked, loadAndCheck } from './loaded.ts';
export { releaseHeld } from './release-held.ts';
export type { RunningIsthmus } from './running.ts';
export { allMigrations } from './schema.ts';
export { type IsthmusOptions, startIsthmus } from './start.ts';
export { openStore, type Store } from './store.ts';
