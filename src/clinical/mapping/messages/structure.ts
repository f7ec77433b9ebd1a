import { type Hl7Message, structureOf } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';

/** The segments that say what a message is about; each kind of message has its own (2.5.1, chapters 3, 4, 6, 7, 9, 10). */
const KINDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    ADT: '',
    ORU: 'ORC OBR',
    ORM: 'ORC OBR RXO RXE ODS ODT RQD RQ1 FT1',
    OML: 'ORC OBR FT1',
    OMG: 'ORC OBR FT1',
    SIU: 'SCH',
    MDM: 'TXA ORC OBR',
    DFT: 'FT1 ORC OBR',
    VXU: 'RXA ORC',
    RDE: 'RXE RXO ORC FT1',
  }).map(([code, names]) => [code, new Set(names.split(' '))] as const),
);
const ABOUT: ReadonlySet<string> = new Set('ORC OBR SCH TXA FT1 RXA RXE RXO RXD RXG'.split(' '));

/**
 * Findings of a message that is not built as its trigger event says: another structure in MSH-9.3, or segments of another kind of message, of
 * which the first is named. What the event's own segments say is taken all the same.
 */
export function findStructure(message: Hl7Message, { findings }: MapContext): void {
  const { header } = message;
  const { messageCode, triggerEvent, structure } = header;
  const expected = structureOf({ messageCode, triggerEvent, structure: '' });
  if (structure !== '' && structure !== expected)
    findings.push({ place: 'MSH^1^9', rule: `the structure of the trigger event is ${expected}` });
  const own = KINDS.get(messageCode);
  if (!own) return;
  const named = new Set<string>();
  for (const { name, occurrence } of message.segments()) {
    if (!ABOUT.has(name) || own.has(name) || named.has(name)) continue;
    named.add(name);
    findings.push({ place: `${name}^${occurrence}`, rule: `no segment of ${messageCode}` });
  }
}
