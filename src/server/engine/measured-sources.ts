import type { Accept, Received, Source, SourceKind } from '../../exchange/connectors/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { ErrorCode } from '../../foundation/errors/index.ts';

/** What a source's peer was told, and how long it took from the whole message having arrived. */
export type Answered =
  | {
      readonly outcome: 'committed';
      readonly channel: string;
      readonly messageId: number;
      readonly duplicate: boolean;
      readonly arrivedMs: number;
      readonly ms: number;
    }
  | { readonly outcome: 'refused'; readonly channel: string; readonly code: ErrorCode };

/** The same source kinds, with a clock held to every acceptance. They take and answer exactly as before. */
export function measuredSources(
  kinds: readonly SourceKind<unknown>[],
  clock: Clock,
  onAnswered: (answered: Answered) => void,
): SourceKind<unknown>[] {
  return kinds.map((kind) => ({
    kind: kind.kind,
    options: kind.options,
    create(options, context) {
      const source = kind.create(options, context);
      // The name of a connection is `<channel>.from`.
      const channel = context.name.replace(/\.from$/, '');
      return withStart(source, (accept) => measured(accept, { channel, clock, onAnswered }));
    },
  }));
}

interface Measuring {
  readonly channel: string;
  readonly clock: Clock;
  readonly onAnswered: (answered: Answered) => void;
}

function measured(accept: Accept, { channel, clock, onAnswered }: Measuring): Accept {
  return async (received: Received) => {
    const arrivedMs = clock.monotonicMs();
    const acceptance = await accept(received);
    if (acceptance.outcome === 'committed') {
      const { messageId, duplicate } = acceptance;
      const ms = clock.monotonicMs() - arrivedMs;
      onAnswered({ outcome: 'committed', channel, messageId, duplicate, arrivedMs, ms });
    } else {
      onAnswered({ outcome: 'refused', channel, code: acceptance.error.code });
    }
    return acceptance;
  };
}

const withStart = (source: Source, wrap: (accept: Accept) => Accept): Source => ({
  start: (accept) => source.start(wrap(accept)),
  pause: () => source.pause(),
  resume: () => source.resume(),
  stop: () => source.stop(),
  status: () => source.status(),
});
