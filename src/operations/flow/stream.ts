import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../../foundation/clock/index.ts';
import { toIsthmusError } from '../../foundation/errors/index.ts';
import type { FlowPicture } from '../status/index.ts';
import type { FlowEvent, Timeline } from '../timeline/index.ts';

export interface StreamOptions {
  readonly timeline: Timeline;
  readonly picture: () => Promise<FlowPicture>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Server-sent events to the open pages: each event as it happens, and the picture at most twice a second. */
export interface FlowStream {
  /** False when too many pages are open. */
  open(response: ServerResponse, lastEventId: number | undefined): boolean;
  close(): void;
}

const mostPages = 50;
/** What a page may be behind; beyond it the page is cut off and comes again by itself, with what it missed. */
const mostUnsentBytes = 1024 * 1024;
const pictureEveryMs = 500;
/** Without events the picture still changes: ages grow, connections come and go. It also keeps the connection from looking dead. */
const idlePictureEveryMs = 2_000;

export function createFlowStream(options: StreamOptions): FlowStream {
  const { timeline, clock, onError } = options;
  const pages = new Set<ServerResponse>();
  let timer: Timer | undefined;
  let dueMs = 0;
  let unsubscribe: (() => void) | undefined;

  const send = (text: string) => {
    for (const page of pages) {
      if (page.writableLength > mostUnsentBytes) page.destroy();
      else page.write(text);
    }
  };
  const schedule = (inMs: number) => {
    const atMs = clock.monotonicMs() + inMs;
    if (timer && dueMs <= atMs) return;
    timer?.cancel();
    dueMs = atMs;
    timer = clock.after(inMs, () => void tick());
  };
  const tick = async () => {
    timer = undefined;
    if (pages.size === 0) return;
    try {
      send(pictureEvent(await options.picture()));
    } catch (error) {
      onError(error);
      send(troubleEvent(error));
    }
    if (pages.size > 0) schedule(idlePictureEveryMs);
  };
  const onEvent = (event: FlowEvent) => {
    send(flowEvent(event));
    schedule(pictureEveryMs);
  };
  const leave = (page: ServerResponse) => {
    pages.delete(page);
    if (pages.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
    timer?.cancel();
    timer = undefined;
  };

  return {
    open(response, lastEventId) {
      if (pages.size >= mostPages) return false;
      response.write('retry: 1000\n\n');
      for (const event of timeline.recent(lastEventId)) response.write(flowEvent(event));
      pages.add(response);
      response.on('close', () => leave(response));
      unsubscribe ??= timeline.subscribe(onEvent);
      schedule(0);
      return true;
    },
    close() {
      for (const page of pages) page.end();
    },
  };
}

/** The page says that its picture is an old one, and why. */
const troubleEvent = (error: unknown) =>
  `event: trouble\ndata: ${JSON.stringify({ code: toIsthmusError(error).code })}\n\n`;
const flowEvent = (event: FlowEvent) => `id: ${event.id}\nevent: flow\ndata: ${JSON.stringify(event)}\n\n`;
const pictureEvent = (picture: FlowPicture) => `event: picture\ndata: ${JSON.stringify(picture)}\n\n`;
