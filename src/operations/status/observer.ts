/** What counters, metrics and others hear of. Names and codes only. */
export interface FlowObserver {
  /** A source answered its peer: `ms` from the whole message having arrived to its commit. */
  accepted(event: { channel: string; duplicate: boolean; ms: number }): void;
  refused(event: { channel: string; code: string }): void;
  /** The pipeline is done with a message: `ms` from its receipt. */
  planned(event: { channel: string; outcome: string; ms: number }): void;
  /** One attempt at a destination. */
  attempted(event: { queue: string; outcome: string; ms: number }): void;
  /** An entry reached its destination: `ms` from the receipt of its message. */
  delivered(event: { queue: string; ms: number }): void;
  parked(event: { queue: string; code: string }): void;
}

/** Tells several observers, in order. */
export function everyObserver(observers: readonly FlowObserver[]): FlowObserver {
  const each = (tell: (observer: FlowObserver) => void) => {
    for (const observer of observers) tell(observer);
  };
  return {
    accepted: (event) => each((observer) => observer.accepted(event)),
    refused: (event) => each((observer) => observer.refused(event)),
    planned: (event) => each((observer) => observer.planned(event)),
    attempted: (event) => each((observer) => observer.attempted(event)),
    delivered: (event) => each((observer) => observer.delivered(event)),
    parked: (event) => each((observer) => observer.parked(event)),
  };
}
