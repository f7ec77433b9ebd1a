import { describe, expect, it } from 'vitest';
import { renderEvent } from '../../demo/hospital/messages.ts';
import { createDays } from '../../demo/population/index.ts';
import { mapMessage } from '../../src/clinical/mapping/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';

const events = createDays({ seed: 1, firstDate: '2026-01-15' }).next().value.events;
const options = { system: 'general', zone: '-0500', receivedAt: new Date('2026-03-01T00:00:00Z') };

describe("the hospital's messages", () => {
  it('are understood as a whole: every message of a day becomes resources, and nothing is left over', () => {
    const types = new Set<string>();
    for (const [index, event] of events.entries()) {
      const { body, type } = renderEvent(event, `T${index}`);
      const mapped = mapMessage(parseMessage(body), options);
      expect({ type, findings: mapped.findings }).toEqual({ type, findings: [] });
      for (const write of mapped.writes) types.add(write.type);
    }
    expect([...types]).toEqual(
      expect.arrayContaining(['Patient', 'Encounter', 'Appointment', 'DiagnosticReport', 'Observation']),
    );
  });

  it('say of a corrected result which one it corrects: the same resource, another value, another status', () => {
    const corrected = events.find((event) => event.kind === 'resulted' && event.status === 'C');
    const final = events.find(
      (event) =>
        event.kind === 'resulted' &&
        event.status === 'F' &&
        event.stay.visitNumber === corrected?.stay.visitNumber,
    );
    const observations = [final, corrected].map((event) => {
      const { writes } = mapMessage(parseMessage(renderEvent(event!, 'T').body), options);
      return writes.filter((write) => write.type === 'Observation');
    });
    const [before, after] = observations.map((writes) => writes.map(({ id }) => id));
    expect(after).toEqual(before);
    expect(observations[1]?.every((write) => write.set.status === 'corrected')).toBe(true);
  });
});
