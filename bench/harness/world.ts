import type { RunningEngine } from './engine.ts';
import type { Population } from './population.ts';

/** What the figures of the record share: an engine, and whom it knows. */
export interface World {
  readonly engine: RunningEngine;
  readonly token: string;
  readonly population: Population;
}
