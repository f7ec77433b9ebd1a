import { isMapped, unmappedOf } from '../../clinical/mapping/index.ts';
import { Hl7Error, parseMessage } from '../../standards/hl7v2/index.ts';

/**
 * Fields that the standard mapping does not read, with how often each is filled; a site's own lines are in its configuration, which `isthmus test`
 * counts with. Undefined for what is no message with a mapping.
 */
export function unmappedView(body: Uint8Array, contentType: string): Record<string, number> | undefined {
  if (contentType !== 'application/hl7-v2') return undefined;
  try {
    const message = parseMessage(body);
    return isMapped(message.type) ? unmappedOf(message) : undefined;
  } catch (error) {
    if (error instanceof Hl7Error) return undefined;
    throw error;
  }
}

/** `PID-27, ZPI (2)` */
export const unmappedLine = (unmapped: Readonly<Record<string, number>>): string =>
  Object.entries(unmapped)
    .map(([place, count]) => (count === 1 ? place : `${place} (${count})`))
    .join(', ');
