/**
 * A typed in-process event map: who observes (timeline, metrics, alarms) is not known to who emits. A listener that throws
 * never harms the emitter. Not a message bus: nothing that must happen may hang on an event.
 */
export interface Events<EventMap> {
  on<K extends keyof EventMap>(name: K, listener: (event: EventMap[K]) => void): () => void;
  emit<K extends keyof EventMap>(name: K, event: EventMap[K]): void;
}

export function createEvents<EventMap>(
  onListenerError: (error: unknown) => void = () => undefined,
): Events<EventMap> {
  const listeners = new Map<keyof EventMap, Set<(event: never) => void>>();
  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener as (event: never) => void));
      return () => void set.delete(listener as (event: never) => void);
    },
    emit(name, event) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          (listener as (event: unknown) => void)(event);
        } catch (error) {
          onListenerError(error);
        }
      }
    },
  };
}
