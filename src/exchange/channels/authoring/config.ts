import type { ByOrder, ChannelDescriptor, ChannelOptions, Config } from './types.ts';

/** The default export of `isthmus.config.ts`. Nothing is judged here: `isthmus check` lists every mistake at once. */
export const defineConfig = (config: Config): Config => config;

/** A channel: one source, steps, one or more destinations. Its name is the name of its intake queue. */
export const channel = (name: string, options: ChannelOptions): ChannelDescriptor => ({ name, ...options });

/** `order: by('PV1-19.1')`: messages that agree there stay in order. HL7 v2 paths, or JSON pointers (`/visit/id`). */
export const by = (...places: [string, ...string[]]): ByOrder => ({ by: places });
