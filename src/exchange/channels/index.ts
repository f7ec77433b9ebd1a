/**
 * Channels (docs/design/channels.md): a configuration is loaded, judged as a whole and brought to life; each channel joins a source,
 * steps and destinations through the queue.
 *
 * It promises: nothing of a configuration with a mistake takes effect, and every mistake is listed; a step that fails, hangs or ends its
 * thread parks its message with the step's place, never loses it; what no step touched leaves byte for byte, within its trust group
 * only; a reload replaces what changed and leaves every other connection alone. It never does: look into a message beyond what its
 * steps ask, know what is clinical (keys, the record and built-in steps are injected), or show patient data in an error.
 */
import type { Migration } from '../../foundation/database/index.ts';
import channelPause from './migrations/0030_channel_pause.sql';

export { durationMs } from './authoring/duration.ts';
export * from './authoring/index.ts';
export { checkConfig, formatMistakes } from './check/check-config.ts';
export type { AnyDestinationKind, AnySourceKind, CheckOptions, Kinds, Mistake } from './check/types.ts';
export { diffLines, pretty } from './golden/diff.ts';
export { createDryRun, type DryRun, type DryRunOptions } from './golden/dry-run.ts';
export {
  type GoldenOptions,
  type GoldenReport,
  type GoldenResult,
  runGoldenTests,
} from './golden/run-golden.ts';
export type { ShowEffect } from './golden/show-plan.ts';
export { type AcceptTools, createAccept } from './intake/accept.ts';
export type { KeyScope, KeysOf } from './intake/keys.ts';
export { createChannels } from './lifecycle/channels.ts';
export { type PauseRequest, type PauseStore, pauseStore, pausesInMemory } from './lifecycle/pauses.ts';
export { type ResolvedChannel, resolveChannels } from './lifecycle/resolve.ts';
export type {
  ChannelState,
  ChannelStatus,
  Channels,
  ChannelsEvents,
  ChannelsOptions,
  DestinationStatus,
  ReleaseScope,
  ReloadReport,
} from './lifecycle/types.ts';
export { type LoadedConfig, type LoadOptions, loadConfig } from './load/load-config.ts';
export { Message, type MessageParts } from './message/message.ts';
export { createPlanner, type PlannerTools } from './plan/planner.ts';
export type { RecordRequest, RunStep, StepKind, StepOutcome, StepScope, Work } from './plan/types.ts';

export { type RecordOptions, recordTraffic, type TrafficRecorder } from './traffic/record-traffic.ts';
export {
  type EncodeOptions,
  encodeRecorded,
  type Recordable,
  type RecordedMessage,
  readRecording,
} from './traffic/recorded.ts';
export {
  type ReplayDifference,
  type ReplayOptions,
  type ReplayReport,
  replayTraffic,
} from './traffic/replay-traffic.ts';
export { createStepHost } from './worker/create-step-host.ts';
export type { FunctionAddress, FunctionOutcome, FunctionRunner } from './worker/protocol.ts';
export type { StepHost, StepHostOptions } from './worker/step-host.ts';

export const migrations: readonly Migration[] = [{ number: 30, name: 'channel_pause', text: channelPause }];
