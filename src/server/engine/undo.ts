import type { Logger } from '../../foundation/logging/index.ts';

/** Undoes what was started, last first. A step that fails is logged and the others still follow: half a stop would leave a server running. */
export async function undoAll(undo: (() => Promise<void>)[], logger: Logger): Promise<void> {
  for (const step of undo.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      logger.error({ error }, 'a part did not stop in order');
    }
  }
}
