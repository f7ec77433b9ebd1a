import { isUtf8 } from 'node:buffer';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { DeliveryResult } from '../../queue/index.ts';
import { InFlight } from '../shared/counts.ts';
import { connectCode, errorName } from '../shared/net-errors.ts';
import { destinationFails, entryRefused, outcomeUnknown, reflect } from '../shared/results.ts';
import { StatusBoard } from '../shared/status.ts';
import { toClientOptions } from '../shared/tls.ts';
import type { ConnectorContext, Delivery, Destination, DestinationKind } from '../types.ts';
import { type AddressGuard, createAddressGuard, type Resolve } from './address-guard.ts';
import { classify } from './classify.ts';
import { allowList, type WebhookOptions, webhookOptions } from './options.ts';
import { type PostOutcome, post } from './request.ts';
import { createSigner, type Signer } from './signature.ts';

/** Posts each delivery, signed, to one URL (docs/design/connectors.md, rules C40-C58). */
class WebhookDestination implements Destination {
  readonly lanes: number;
  readonly #options: WebhookOptions;
  readonly #context: ConnectorContext;
  readonly #guard: AddressGuard;
  readonly #sign: Signer;
  readonly #board: StatusBoard;
  readonly #inFlight = new InFlight();
  #agent: HttpAgent | undefined;
  #url: URL | undefined;

  constructor(options: WebhookOptions, context: ConnectorContext, resolve?: Resolve) {
    this.lanes = options.connections;
    this.#options = options;
    this.#context = context;
    this.#guard = createAddressGuard({ allow: allowList(options), resolve });
    this.#sign = createSigner(options.secrets);
    // Paths of webhooks are often secret, so the address that people see ends at the host.
    this.#board = new StatusBoard(
      context,
      URL.canParse(options.url) ? new URL(options.url).origin : 'webhook',
      () => this.#inFlight.count,
    );
  }

  async start(): Promise<void> {
    const url = this.#guard.check(this.#options.url);
    const { connections, tls } = this.#options;
    const kept = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
    this.#url = url;
    this.#agent =
      url.protocol === 'http:'
        ? new HttpAgent(kept)
        : new HttpsAgent({ ...kept, ...toClientOptions(tls ?? {}, url.hostname.replace(/^\[|\]$/g, '')) });
    this.#board.set('up');
  }

  async deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryResult> {
    const [agent, url] = [this.#agent, this.#url];
    if (!agent || !url) return destinationFails('CONNECT_REFUSED', 'the destination is stopped');
    if (signal.aborted) return destinationFails('CONNECT_LOST', 'stopped before the request');
    if (!isUtf8(delivery.content)) return entryRefused('INVALID_REQUEST', 'a webhook carries UTF-8 text');
    this.#inFlight.begin();
    try {
      const { connectTimeoutMs, timeoutMs, maxResponseBytes } = this.#options;
      const outcome = await post({
        url,
        agent,
        signal,
        headers: this.#headers(delivery),
        body: delivery.content,
        lookup: this.#guard.lookupFor(url),
        clock: this.#context.clock,
        ...{ connectTimeoutMs, timeoutMs, maxResponseBytes },
      });
      return reflect(this.#board, this.#result(outcome));
    } catch (error) {
      return reflect(this.#board, destinationFails('INTERNAL', errorName(error)));
    } finally {
      this.#inFlight.end();
    }
  }

  async stop(): Promise<void> {
    await this.#inFlight.idle();
    this.#agent?.destroy();
    this.#agent = undefined;
    this.#board.set('stopped');
  }

  status() {
    return this.#board.current();
  }

  #headers(delivery: Delivery): Record<string, string> {
    return {
      ...this.#options.headers,
      'content-type': delivery.contentType,
      'user-agent': 'isthmus',
      ...this.#sign(delivery.idempotencyKey, this.#context.clock.now(), delivery.content),
    };
  }

  #result(outcome: PostOutcome): DeliveryResult {
    const { clock } = this.#context;
    if (outcome.kind === 'answered')
      return classify(outcome.answer, { clock, maxRetryAfterMs: this.#options.maxRetryAfterMs });
    if (outcome.kind === 'timeout') {
      return outcome.sent
        ? outcomeUnknown('ANSWER_TIMEOUT', `no answer within ${this.#options.timeoutMs} ms`)
        : destinationFails('CONNECT_TIMEOUT', `no connection within ${this.#options.connectTimeoutMs} ms`);
    }
    const { error, sent } = outcome;
    if (error instanceof IsthmusError) return destinationFails(error.code, error.message);
    return sent
      ? outcomeUnknown('CONNECT_LOST', errorName(error))
      : destinationFails(connectCode(error), errorName(error));
  }
}

/** The same with name resolution injected, for those who resolve names in their own way. */
export function createWebhookDestination(
  options: WebhookOptions,
  parts: { context: ConnectorContext; resolve?: Resolve },
): Destination {
  return new WebhookDestination(options, parts.context, parts.resolve);
}

export const webhookDestination: DestinationKind<WebhookOptions> = {
  kind: 'webhook',
  options: webhookOptions,
  create: (options, context) => new WebhookDestination(options, context),
};
