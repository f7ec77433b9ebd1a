/**
 * How the engine is doing: counters and latencies since its start, and the picture of the way of an event that the flow page draws and
 * `isthmus queue` prints.
 *
 * It promises: bounded memory whatever flows; depths come from the queue's tables and not from counting along, so they are right after a
 * restart, too. It never does: hold a message, or decide anything.
 */

export { everyObserver, type FlowObserver } from './observer.ts';
export {
  type ChannelPicture,
  composePicture,
  type DestinationPicture,
  type FlowPicture,
  type NodeState,
  type PictureParts,
  type QueueFigures,
  type QueuePicture,
} from './picture.ts';
export { createSharedReading, type SharedReading } from './shared-reading.ts';
export { createTally, type Latency, type Tally } from './tally.ts';
