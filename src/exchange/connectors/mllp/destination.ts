import { frameMllp, type MessageHeader, peekHeader } from '../../../standards/hl7v2/index.ts';
import type { DeliveryResult } from '../../queue/index.ts';
import { fromHl7 } from '../hl7/inspect.ts';
import { hostPort } from '../shared/listen.ts';
import { destinationFails, entryRefused, type Failure, reflect } from '../shared/results.ts';
import { StatusBoard } from '../shared/status.ts';
import type { ConnectorContext, Delivery, Destination, DestinationKind } from '../types.ts';
import { Lane } from './lane.ts';
import { type MllpDestinationOptions, mllpDestinationOptions } from './options.ts';
import { expectationOf } from './verdict.ts';

/** Sends HL7 v2 over lock-step MLLP connections (docs/design/connectors.md, rules C30-C39). */
class MllpDestination implements Destination {
  readonly lanes: number;
  readonly #options: MllpDestinationOptions;
  readonly #board: StatusBoard;
  readonly #lanes: readonly Lane[];
  #isStarted = false;

  constructor(options: MllpDestinationOptions, context: ConnectorContext) {
    const scheme = options.tls ? 'mllps' : 'mllp';
    const { clock, logger } = context;
    const onConnection = (failure: Failure | undefined) => this.#connectionChanged(failure);
    this.lanes = options.connections;
    this.#options = options;
    this.#lanes = Array.from(
      { length: options.connections },
      () => new Lane({ options, clock, logger, onConnection }),
    );
    const open = () => this.#lanes.filter((lane) => lane.isOpen).length;
    this.#board = new StatusBoard(context, `${scheme}://${hostPort(options.host, options.port)}`, open);
  }

  /** Begins to connect and does not wait for it: a destination that is down must not keep the engine from starting. */
  async start(): Promise<void> {
    this.#isStarted = true;
    this.#board.set('starting');
    this.#lanes[0]?.warm();
  }

  deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryResult> {
    if (!this.#isStarted)
      return Promise.resolve(destinationFails('CONNECT_REFUSED', 'the destination is stopped'));
    let header: MessageHeader;
    let frame: Uint8Array;
    try {
      header = peekHeader(delivery.content);
      frame = frameMllp(delivery.content);
    } catch (error) {
      const { code, message } = fromHl7(error);
      return Promise.resolve(entryRefused(code, message));
    }
    if (header.controlId === '')
      return Promise.resolve(entryRefused('HL7_MISSING_FIELD', 'MSH-10: no answer could be matched'));
    const lane =
      this.#lanes.find((one) => !one.isBusy && one.isOpen) ?? this.#lanes.find((one) => !one.isBusy);
    if (!lane) return Promise.resolve(destinationFails('INTERNAL', 'more deliveries at once than lanes'));
    return lane
      .send(frame, expectationOf(header, this.#options), signal)
      .then((result) => reflect(this.#board, result));
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    for (const lane of this.#lanes) lane.close();
    this.#board.set('stopped');
  }

  status() {
    return this.#board.current();
  }

  #connectionChanged(failure: Failure | undefined): void {
    if (!this.#isStarted) return;
    if (failure) this.#board.set('down', failure.code);
    else this.#board.set('up');
  }
}

export const mllpDestination: DestinationKind<MllpDestinationOptions> = {
  kind: 'mllp',
  options: mllpDestinationOptions,
  create: (options, context) => new MllpDestination(options, context),
};
