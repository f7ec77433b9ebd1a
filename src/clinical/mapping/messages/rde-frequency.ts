/** Letters of table 0335 for FHIR's units of time; L is a month. */
const UNITS: Readonly<Record<string, string>> = { S: 's', M: 'min', H: 'h', D: 'd', W: 'wk', L: 'mo' };
const TIMES: Readonly<Record<string, number>> = { QD: 1, BID: 2, TID: 3, QID: 4 };

/** How often, for the repeat patterns (table 0335) that say it in numbers: Q6H, BID, 5ID, QOD. Undefined for others, whose code says it. */
export function frequencyOf(code: string): object | undefined {
  const pattern = code.trim().toUpperCase();
  const times = TIMES[pattern] ?? Number(/^([1-9]\d?)ID$/.exec(pattern)?.[1] ?? 0);
  if (times > 0) return { frequency: times, period: 1, periodUnit: 'd' };
  if (pattern === 'QOD') return { frequency: 1, period: 2, periodUnit: 'd' };
  const [, every, unit = ''] = /^Q([1-9]\d?)([SMHDWL])$/.exec(pattern) ?? [];
  return every === undefined ? undefined : { frequency: 1, period: Number(every), periodUnit: UNITS[unit] };
}
