import { expect, describe as suite, test } from 'vitest';
import {
  ambiguousUnits,
  commensurable,
  isValidUnit,
  localUnitSpellings,
  localUnits,
} from '../../src/standards/ucum/index.ts';

suite('local spellings of units', () => {
  test('[UC13] each is a unit of UCUM, stands once and has a reason', () => {
    for (const { text, unit, reason } of localUnitSpellings) {
      expect(isValidUnit(unit), text).toBe(true);
      expect(reason.length).toBeGreaterThan(20);
      expect(text.trim()).toBe(text);
      expect(text).not.toContain('μ');
    }
    expect(new Set(localUnitSpellings.map(({ text }) => text)).size).toBe(localUnitSpellings.length);
  });

  test('[UC13] one that is a unit of UCUM itself keeps its meaning, but for those that say why', () => {
    const changed = localUnitSpellings
      .filter(({ text, unit }) => isValidUnit(text) && !commensurable(text, unit))
      .map(({ text }) => text);
    expect(changed.sort()).toEqual(['K/mm3', 'K/uL', 'MG/L', 'PG/ML', 'pH']);
  });

  test.each([
    ['mm Hg', 'mm[Hg]'],
    [' mmHg ', 'mm[Hg]'],
    ['BPM', '/min'],
    ['10^3/uL', '10*3/uL'],
    ['x10(9)/L', '10*9/L'],
    ['K/uL', '10*3/uL'],
    ['mcg', 'ug'],
    ['IU/L', '[iU]/L'],
    ['μg/L', 'ug/L'],
    ['µg/L', 'ug/L'],
    ['mg/dL', 'mg/dL'],
    ['mmol/mol', 'mmol/mol'],
    ['mU/L', undefined],
    ['U', undefined],
    ['ft', undefined],
    ['MMOL', undefined],
    ['', undefined],
    ['constructor', undefined],
  ])('[UC13] %j is %s', (text, unit) => {
    expect(localUnits(text)).toBe(unit);
  });

  test('[UC14] what has several readings is mapped to none of them', () => {
    for (const { text, readings } of ambiguousUnits) {
      expect(localUnits(text), text).toBeUndefined();
      expect(readings.length).toBeGreaterThan(1);
      for (const reading of readings) expect(isValidUnit(reading), reading).toBe(true);
    }
  });
});
