import type { Random } from './random.ts';

/**
 * Laboratory panels, coded in LOINC and UCUM. The texts are plain words of our own. Ranges are those of an adult, roughly:
 * good enough to look right, not to treat anyone.
 */
interface Analyte {
  readonly code: string;
  readonly text: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly decimals: number;
  /** Beyond these a value is critical. */
  readonly panicLow?: number;
  readonly panicHigh?: number;
}

export interface Panel {
  readonly code: string;
  readonly text: string;
  readonly analytes: readonly Analyte[];
}

export interface Measurement {
  readonly code: string;
  readonly text: string;
  /** As the laboratory prints it, decimals kept. */
  readonly value: string;
  readonly unit: string;
  readonly range: string;
  /** HL7 table 0078. */
  readonly flag: 'N' | 'L' | 'H' | 'LL' | 'HH';
}

const analyte = (
  code: string,
  text: string,
  unit: string,
  range: readonly [number, number, number],
): Analyte => ({
  code,
  text,
  unit,
  low: range[0],
  high: range[1],
  decimals: range[2],
});

export const panels: readonly Panel[] = [
  {
    code: '51990-0',
    text: 'Basic metabolic panel',
    analytes: [
      { ...analyte('2345-7', 'Glucose', 'mg/dL', [70, 99, 0]), panicLow: 45, panicHigh: 400 },
      analyte('3094-0', 'Urea nitrogen', 'mg/dL', [7, 20, 0]),
      analyte('2160-0', 'Creatinine', 'mg/dL', [0.6, 1.2, 2]),
      { ...analyte('2951-2', 'Sodium', 'mmol/L', [136, 145, 0]), panicLow: 120, panicHigh: 160 },
      { ...analyte('2823-3', 'Potassium', 'mmol/L', [3.5, 5.1, 1]), panicLow: 2.8, panicHigh: 6.2 },
      analyte('2075-0', 'Chloride', 'mmol/L', [98, 107, 0]),
    ],
  },
  {
    code: '58410-2',
    text: 'Blood count',
    analytes: [
      analyte('6690-2', 'Leukocytes', '10*3/uL', [4, 10.5, 1]),
      { ...analyte('718-7', 'Hemoglobin', 'g/dL', [12, 17.5, 1]), panicLow: 7 },
      { ...analyte('777-3', 'Platelets', '10*3/uL', [150, 400, 0]), panicLow: 30 },
    ],
  },
  {
    code: '24331-1',
    text: 'Lipid panel',
    analytes: [
      analyte('2093-3', 'Cholesterol', 'mg/dL', [120, 200, 0]),
      analyte('2085-9', 'HDL cholesterol', 'mg/dL', [40, 90, 0]),
      analyte('2571-8', 'Triglycerides', 'mg/dL', [40, 150, 0]),
    ],
  },
  {
    code: '4548-4',
    text: 'Hemoglobin A1c',
    analytes: [analyte('4548-4', 'Hemoglobin A1c', '%', [4, 5.6, 1])],
  },
  {
    code: '1988-5',
    text: 'C-reactive protein',
    analytes: [analyte('1988-5', 'C-reactive protein', 'mg/L', [0.5, 5, 1])],
  },
  {
    code: '3016-3',
    text: 'Thyrotropin',
    analytes: [analyte('3016-3', 'Thyrotropin', 'm[IU]/L', [0.4, 4, 2])],
  },
];

export function measure(panel: Panel, random: Random): Measurement[] {
  return panel.analytes.map((item) => describe(item, draw(item, random)));
}

/** One value of a panel, measured again and found to be another: what a corrected report carries. */
export function correct(panel: Panel, before: readonly Measurement[], random: Random): Measurement[] {
  const index = random.between(0, panel.analytes.length - 1);
  return before.map((measurement, position) => {
    const item = panel.analytes[position];
    if (position !== index || !item) return measurement;
    const span = item.high - item.low;
    const middle = item.low + span * (random.between(30, 70) / 100);
    const again = describe(item, middle);
    return again.value === measurement.value ? describe(item, middle + span / 4) : again;
  });
}

/** Most values are ordinary, some lie outside the range, a few far outside. */
function draw(item: Analyte, random: Random): number {
  const span = item.high - item.low;
  const share = random.between(0, 1000) / 1000;
  if (random.chance(0.8)) return item.low + span * share;
  const reach = random.chance(0.15) ? 3 : 0.5;
  if (random.chance(0.5)) return item.high + span * reach * share;
  return Math.max(item.low * 0.3, item.low - span * reach * share);
}

function describe(item: Analyte, raw: number): Measurement {
  const value = raw.toFixed(item.decimals);
  const { code, text, unit } = item;
  return { code, text, unit, value, range: `${item.low}-${item.high}`, flag: flagOf(item, Number(value)) };
}

function flagOf(item: Analyte, value: number): Measurement['flag'] {
  if (item.panicLow !== undefined && value < item.panicLow) return 'LL';
  if (item.panicHigh !== undefined && value > item.panicHigh) return 'HH';
  if (value < item.low) return 'L';
  if (value > item.high) return 'H';
  return 'N';
}
