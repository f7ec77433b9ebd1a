import type { ConnectionState, ConnectionStatus, ConnectorContext } from '../types.ts';

/** The state of one connector: tells the context of every change, once, and answers `status()` at any time. */
export class StatusBoard {
  readonly #context: ConnectorContext;
  readonly #connections: () => number;
  #address: string;
  #state: ConnectionState = 'stopped';
  #reason: string | undefined;
  #since: Date;

  constructor(context: ConnectorContext, address: string, connections: () => number) {
    this.#context = context;
    this.#address = address;
    this.#connections = connections;
    this.#since = context.clock.now();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Where it really listens, once that is known (port 0 was asked for). Never with secrets. */
  setAddress(address: string): void {
    this.#address = address;
  }

  /** Moves to `state`; `reason` says why it is down, without patient data. Saying the same again changes nothing. */
  set(state: ConnectionState, reason?: string): void {
    if (state === this.#state && reason === this.#reason) return;
    if (state !== this.#state) this.#since = this.#context.clock.now();
    this.#state = state;
    this.#reason = reason;
    const line = {
      connector: this.#context.name,
      address: this.#address,
      state,
      ...(reason === undefined ? {} : { reason }),
    };
    if (state === 'down') this.#context.logger.warn(line, 'connector is down');
    else this.#context.logger.info(line, `connector is ${state}`);
    this.#context.onStatus(this.current());
  }

  current(): ConnectionStatus {
    return {
      state: this.#state,
      address: this.#address,
      connections: this.#connections(),
      since: this.#since,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }
}
