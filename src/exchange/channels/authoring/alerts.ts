import type { Duration } from './duration.ts';
import type { BacklogAlert, DisconnectedAlert, ParkedAlert } from './types.ts';

/** `backlog('televisit').above(500)`: more than 500 messages wait for a destination (by its name or `channel>name`). */
export const backlog = (destination: string) => ({
  above: (count: number): BacklogAlert => ({ alert: 'backlog', destination, above: count }),
});

/** `disconnected('general').for('30s')`: a system that should be connected has not been for so long. */
export const disconnected = (system: string) => ({
  for: (duration: Duration): DisconnectedAlert => ({ alert: 'disconnected', system, for: duration }),
});

/** `parked('adt').above(0)`: messages that could not be processed or delivered are set aside; `parked()` means anywhere. */
export const parked = (of?: string) => ({
  above: (count: number): ParkedAlert => ({
    alert: 'parked',
    above: count,
    ...(of === undefined ? {} : { of }),
  }),
});
