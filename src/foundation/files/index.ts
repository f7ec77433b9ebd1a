/**
 * Files of our own. It promises: a file written here is the old one or the new one at every moment, and the new one once the call returned,
 * a power cut included. It never does: leave a half-written file under a name that is read.
 */
export { writeDurably } from './write-durably.ts';
