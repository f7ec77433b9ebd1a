/**
 * The package's public door: what `isthmus.config.ts` is written with (docs/how-to/write-a-channel.md).
 * It promises descriptors only; the engine itself is started with the `isthmus` command.
 */
export * from './clinical/mapping/site/authoring.ts';
export * from './exchange/channels/authoring/index.ts';
export type { Message } from './exchange/channels/message/message.ts';
