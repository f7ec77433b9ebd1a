import { type ErrorCode, IsthmusError } from '../../../foundation/errors/index.ts';
import type { DeliveryResult } from '../../queue/index.ts';
import { InFlight } from '../shared/counts.ts';
import { errorName } from '../shared/net-errors.ts';
import { destinationFails, entryRefused, reflect } from '../shared/results.ts';
import { StatusBoard } from '../shared/status.ts';
import type { ConnectorContext, Delivery, Destination } from '../types.ts';
import { fileNameFor } from './name.ts';
import type { FileStore } from './store.ts';

export interface FileDestinationParts {
  readonly store: FileStore;
  /** The template of file names. */
  readonly fileName: string;
  readonly context: ConnectorContext;
  readonly address: string;
}

/** Error names that say the name itself is at fault, so that no later try can help. */
const ofTheName = new Set(['ENAMETOOLONG', 'EISDIR', 'EINVAL']);

/**
 * Writes each delivery to a file of its own (docs/design/connectors.md, rules C72-C76). A failed write is always transient: a repeat
 * writes the same name whole again, so it does not matter how far the first one came.
 */
export class FileDestination implements Destination {
  readonly lanes = 1;
  readonly #parts: FileDestinationParts;
  readonly #board: StatusBoard;
  readonly #inFlight = new InFlight();
  #started = false;

  constructor(parts: FileDestinationParts) {
    this.#parts = parts;
    this.#board = new StatusBoard(parts.context, parts.address, () => this.#inFlight.count);
  }

  async start(): Promise<void> {
    this.#started = true;
    this.#board.set('starting');
    try {
      await this.#parts.store.open();
      this.#board.set('up');
    } catch (error) {
      this.#board.set('down', codeOf(error));
    }
  }

  async deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryResult> {
    if (!this.#started) return destinationFails('CONNECT_REFUSED', 'the destination is stopped');
    if (signal.aborted) return destinationFails('CONNECT_LOST', 'stopped before the file was written');
    this.#inFlight.begin();
    try {
      await this.#parts.store.open();
      await this.#parts.store.write({ name: fileNameFor(this.#parts.fileName, delivery) }, delivery.content);
      return reflect(this.#board, { outcome: 'delivered', acknowledgment: 'file written' });
    } catch (error) {
      return reflect(this.#board, failure(error));
    } finally {
      this.#inFlight.end();
    }
  }

  async stop(): Promise<void> {
    this.#started = false;
    await this.#inFlight.idle();
    await this.#parts.store.close();
    this.#board.set('stopped');
  }

  status() {
    return this.#board.current();
  }
}

const codeOf = (error: unknown): ErrorCode => (error instanceof IsthmusError ? error.code : 'FILE_FAILED');

function failure(error: unknown): DeliveryResult {
  const rule = error instanceof IsthmusError ? (error.rule ?? error.code) : errorName(error);
  return ofTheName.has(rule) ? entryRefused('FILE_FAILED', rule) : destinationFails(codeOf(error), rule);
}
