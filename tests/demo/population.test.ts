import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { clinicians, createDays, type Day, npiCheckDigit } from '../../demo/population/index.ts';

const days = (seed: number, count: number, firstDate = '2026-01-15'): Day[] => {
  const endless = createDays({ seed, firstDate });
  return Array.from({ length: count }, () => endless.next().value);
};

describe('population', () => {
  it('gives the same days for the same seed, and others for another', () => {
    expect(days(7, 3)).toEqual(days(7, 3));
    expect(days(8, 1)).not.toEqual(days(7, 1));
  });

  it('gives the same days on every machine and after every change that does not mean to change them', () => {
    const digest = createHash('sha256')
      .update(JSON.stringify(days(1, 2)))
      .digest('hex');
    expect(digest).toMatchInlineSnapshot(
      `"c9df848f5bc8e76d16ba096db5d4bb34f6357c391dd365a1c17ca462cfe3f154"`,
    );
  });

  it('has all kinds of events on a day, several hundred of them, in the order of time', () => {
    const [day] = days(1, 1) as [Day];
    const kinds = new Set(day.events.map((event) => event.kind));
    expect([...kinds].sort()).toEqual([
      'admitted',
      'booked',
      'discharged',
      'registered',
      'resulted',
      'updated',
    ]);
    expect(day.events.length).toBeGreaterThan(300);
    const times = day.events.map((event) => event.at.secondOfDay);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.max(...times)).toBeLessThan(24 * 3600);
  });

  it('registers or admits before anything else is said of a stay, and discharges last', () => {
    for (const day of days(3, 2)) {
      for (const visitNumber of new Set(day.events.map((event) => event.stay.visitNumber))) {
        const kinds = day.events
          .filter((event) => event.stay.visitNumber === visitNumber)
          .map((event) => event.kind);
        expect(['registered', 'admitted']).toContain(kinds[0]);
        if (kinds[0] === 'admitted') expect(kinds.at(-1)).toBe('discharged');
      }
    }
  });

  it('keeps an address that was changed, for the rest of the day and on the next', () => {
    const [first, second] = days(1, 2) as [Day, Day];
    const moved = first.events.filter((event) => event.kind === 'updated');
    expect(moved.length).toBeGreaterThan(5);
    for (const { patient, at } of moved) {
      const later = [
        ...first.events.filter((event) => event.at.secondOfDay > at.secondOfDay),
        ...second.events,
      ];
      const same = later.find((event) => event.patient.mrn === patient.mrn && event.kind !== 'updated');
      expect(same?.patient.street).toBe(patient.street);
    }
  });

  it('has ordinary, abnormal, critical and corrected results', () => {
    const results = days(1, 3).flatMap((day) => day.events.filter((event) => event.kind === 'resulted'));
    const flags = new Set(
      results.flatMap((result) => result.measurements.map((measurement) => measurement.flag)),
    );
    expect([...flags]).toEqual(expect.arrayContaining(['N', 'L', 'H']));
    expect(flags.has('LL') || flags.has('HH')).toBe(true);
    const corrected = results.filter((result) => result.status === 'C');
    expect(corrected.length).toBeGreaterThan(5);
    for (const result of corrected) {
      const before = results.find(
        (other) => other.fillerNumber === result.fillerNumber && other.status === 'F',
      );
      const values = (measured: typeof result) =>
        measured.measurements.map((measurement) => measurement.value);
      expect(before && values(before)).not.toEqual(values(result));
    }
  });

  it('never uses a number or an address that could be somebody’s', () => {
    for (const { patient } of days(5, 1).flatMap((day) => day.events)) {
      expect(patient.phone).toMatch(/^55501\d\d$/);
      expect(patient.email).toMatch(/@patients\.example\.com$/);
      expect(patient.mrn).toMatch(/^S5-\d{4}$/);
    }
  });

  it('books virtual visits after the booking, at full quarters', () => {
    const booked = days(2, 1).flatMap((day) => day.events.filter((event) => event.kind === 'booked'));
    expect(booked.length).toBeGreaterThan(30);
    for (const booking of booked) {
      expect(booking.startsAt.secondOfDay % 900).toBe(0);
      expect(booking.startsAt.secondOfDay).toBeGreaterThan(booking.at.secondOfDay);
    }
  });

  it('computes the NPI check digit as published (1234567893 is the example of CMS)', () => {
    expect(npiCheckDigit('123456789')).toBe('3');
    for (const { npi } of clinicians) expect(npiCheckDigit(npi.slice(0, 9))).toBe(npi[9]);
  });
});
