/**
 * Settings from environment variables: one manifest, from which types, defaults and documentation follow. It promises: every mistake is
 * listed at once, with its place and what is expected. It never does: show a value (it may be a secret), or start with half of them.
 */
export { ConfigError, type ConfigProblem } from './config-error.ts';
export { describeSettings, manifest, readSettings, type Settings } from './settings.ts';
