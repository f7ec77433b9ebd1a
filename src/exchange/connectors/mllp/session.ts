import type { Socket } from 'node:net';
import type { Clock } from '../../../foundation/clock/index.ts';
import type { Logger } from '../../../foundation/logging/index.ts';
import { MllpDecoder } from '../../../standards/hl7v2/index.ts';
import { errorName } from '../shared/net-errors.ts';
import type { Answer, Disturbance, Responder } from './responder.ts';

interface SessionLimits {
  readonly maxFrameBytes: number;
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly idleTimeoutMs: number;
  readonly frameTimeoutMs: number;
}

export interface SessionDeps {
  readonly responder: Responder;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly peer: string;
  readonly onClosed: (session: Session) => void;
}

/** A frame's place in the order of answers. */
interface Slot {
  answer: Answer | undefined;
}

interface Waiting {
  readonly slot: Slot;
  readonly body: Uint8Array;
}

const megabyte = 1_048_576;

/**
 * One connection of a sender. Frames go to the responder as they come, up to a bound; answers leave in the order of the
 * frames, however the responder finishes, with one write for all that are ready in a turn. Reading stops while the bound is
 * reached, while the peer does not read its answers, and while the source is paused.
 */
export class Session {
  readonly #socket: Socket;
  readonly #deps: SessionDeps;
  readonly #decoder: MllpDecoder;
  #slots: Slot[] = [];
  #backlog: Waiting[] = [];
  #inFlight = 0;
  #inFlightBytes = 0;
  #lastReadMs: number;
  #frameOpenSinceMs: number | undefined;
  #frameBytes = 0;
  #noiseBytes = 0;
  #paused = false;
  #ended = false;
  #draining = false;
  #flushPending = false;

  constructor(socket: Socket, deps: SessionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#decoder = new MllpDecoder({ maxFrameBytes: deps.limits.maxFrameBytes });
    this.#lastReadMs = deps.clock.monotonicMs();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk: Uint8Array) => this.#read(chunk));
    socket.on('drain', () => this.#admit());
    socket.on('end', () => this.#peerEnded());
    socket.on('error', (error) =>
      deps.logger.info({ peer: deps.peer, error: errorName(error) }, 'MLLP connection failed'),
    );
    socket.on('close', () => {
      this.#reportNoise();
      deps.onClosed(this);
    });
  }

  /** Nothing of this connection is between arrival and answer. */
  get isIdle(): boolean {
    return this.#slots.length === 0;
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#lastReadMs = this.#deps.clock.monotonicMs();
    this.#admit();
  }

  /** Reads no more; closes as soon as what was read is answered. What is still unread, the peer will send again. */
  drain(): void {
    this.#draining = true;
    const untaken = new Set(this.#backlog.map((waiting) => waiting.slot));
    this.#slots = this.#slots.filter((slot) => !untaken.has(slot));
    this.#backlog = [];
    this.#frameOpenSinceMs = undefined;
    this.#socket.pause();
    this.#closeWhenDone();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Called by the source's sweep: closes a peer that sends nothing, or a frame too slowly. */
  enforceLimits(nowMs: number): void {
    if (this.#paused || this.#draining) return;
    const { limits, logger, peer } = this.#deps;
    if (this.#frameOpenSinceMs !== undefined) {
      const allowedMs = limits.frameTimeoutMs * (1 + Math.floor(this.#frameBytes / megabyte));
      if (nowMs - this.#frameOpenSinceMs <= allowedMs || !this.isIdle) return;
      logger.warn(
        { peer, code: 'MLLP_TORN_FRAME', limitMs: allowedMs },
        'MLLP frame came too slowly: connection closed',
      );
      this.#socket.destroy();
    } else if (this.isIdle && nowMs - this.#lastReadMs > limits.idleTimeoutMs) {
      logger.info({ peer, limitMs: limits.idleTimeoutMs }, 'idle MLLP connection closed');
      this.#socket.end();
      this.#socket.destroySoon();
    }
  }

  #read(chunk: Uint8Array): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#lastReadMs = nowMs;
    for (const event of this.#decoder.push(chunk)) {
      if (event.kind === 'noise') {
        this.#noiseBytes += event.bytes;
        continue;
      }
      this.#reportNoise();
      if (event.kind !== 'too-large') this.#frameOpenSinceMs = undefined;
      if (event.kind === 'frame') this.#arrived(event.body);
      else this.#disturbed(event);
    }
    this.#watchFrame(chunk.length, nowMs);
    this.#admit();
  }

  /** Hands waiting frames to the responder while there is room, and reads on when none waits. */
  #admit(): void {
    const { limits } = this.#deps;
    let taken = 0;
    while (taken < this.#backlog.length && this.#inFlight < limits.maxInFlight) {
      const next = this.#backlog[taken];
      if (!next || (this.#inFlight > 0 && this.#inFlightBytes + next.body.length > limits.maxInFlightBytes))
        break;
      taken += 1;
      this.#respond(next);
    }
    if (taken > 0) this.#backlog = taken === this.#backlog.length ? [] : this.#backlog.slice(taken);
    const wanted =
      !this.#paused && !this.#draining && this.#backlog.length === 0 && !this.#socket.writableNeedDrain;
    const roomy = this.#inFlight < limits.maxInFlight && this.#inFlightBytes < limits.maxInFlightBytes;
    if (wanted && roomy) {
      if (this.#socket.isPaused()) this.#readOn();
    } else if (!this.#socket.isPaused()) {
      this.#socket.pause();
    }
  }

  /** Since when, and with how many bytes, a frame has been waiting for its end. */
  #watchFrame(bytes: number, nowMs: number): void {
    if (!this.#decoder.isInsideFrame) this.#frameOpenSinceMs = undefined;
    else if (this.#frameOpenSinceMs === undefined) {
      this.#frameOpenSinceMs = nowMs;
      this.#frameBytes = 0;
    } else this.#frameBytes += bytes;
  }

  /** While we did not read, the peer could not go on: its time counts from now. */
  #readOn(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#lastReadMs = nowMs;
    if (this.#frameOpenSinceMs !== undefined) this.#frameOpenSinceMs = nowMs;
    this.#socket.resume();
  }

  #arrived(body: Uint8Array): void {
    const slot: Slot = { answer: undefined };
    this.#slots.push(slot);
    this.#backlog.push({ slot, body });
  }

  #respond({ slot, body }: Waiting): void {
    this.#inFlight += 1;
    this.#inFlightBytes += body.length;
    this.#deps.responder.respond(body, this.#deps.peer).then(
      (answer) => this.#settle(slot, answer, body.length),
      (error: unknown) => {
        // The responder answers for every failure it knows; what is left is a defect, and the sender must not take silence for care.
        this.#deps.logger.error({ peer: this.#deps.peer, error: errorName(error) }, 'MLLP message failed');
        this.#settle(slot, { close: true }, body.length);
      },
    );
  }

  #settle(slot: Slot, answer: Answer, bytes: number): void {
    this.#inFlight -= 1;
    this.#inFlightBytes -= bytes;
    slot.answer = answer;
    this.#scheduleFlush();
  }

  /** All that one commit has settled leaves in one write: the next tick comes after the promises of this turn. */
  #scheduleFlush(): void {
    if (this.#flushPending) return;
    this.#flushPending = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushPending = false;
    const ready: Uint8Array[] = [];
    let close = false;
    let settled = 0;
    for (const slot of this.#slots) {
      if (slot.answer === undefined || close) break;
      settled += 1;
      if (slot.answer.frames) ready.push(...slot.answer.frames);
      close = slot.answer.close === true;
    }
    if (settled > 0) this.#slots = settled === this.#slots.length ? [] : this.#slots.slice(settled);
    this.#write(ready);
    if (close) this.#socket.destroySoon();
    else if (this.#ended || this.#draining) this.#closeWhenDone();
    if (!close && !this.#draining) this.#admit();
  }

  #write(frames: readonly Uint8Array[]): void {
    const only = frames.length === 1 ? frames[0] : undefined;
    if (this.#socket.destroyed || frames.length === 0) return;
    this.#socket.write(only ?? Buffer.concat(frames));
  }

  /** What is no frame: counted and logged; a frame too large is answered, because its sender waits. */
  #disturbed(event: Disturbance): void {
    const answer = this.#deps.responder.disturbed(event, this.#deps.peer);
    if (answer === undefined) return;
    this.#slots.push({ answer });
    this.#scheduleFlush();
  }

  /** The peer sends no more. What it sent whole is still taken and answered. */
  #peerEnded(): void {
    this.#ended = true;
    for (const event of this.#decoder.end()) {
      if (event.kind === 'noise') this.#noiseBytes += event.bytes;
      else if (event.kind !== 'frame') this.#disturbed(event);
    }
    this.#reportNoise();
    this.#frameOpenSinceMs = undefined;
    this.#closeWhenDone();
  }

  /** However long a run of noise is, it is one line in the log. */
  #reportNoise(): void {
    if (this.#noiseBytes > 0) this.#disturbed({ kind: 'noise', bytes: this.#noiseBytes });
    this.#noiseBytes = 0;
  }

  #closeWhenDone(): void {
    if (this.isIdle) this.#socket.destroySoon();
  }
}
