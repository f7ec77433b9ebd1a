/** One figure as it is printed: a JSON line. `must` and `aim` go to standard error, for people. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly yardstick?: number;
  readonly ratio?: number;
  /** Said beside the figure when it needs saying, e.g. what the yardstick is. */
  readonly note?: string;
}

const rounded = (value: number): number =>
  Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));

export function report(figure: Figure): void {
  const { name, value, unit, yardstick, ratio, note } = figure;
  const line = {
    name,
    value: rounded(value),
    unit,
    ...(yardstick === undefined ? {} : { yardstick: rounded(yardstick) }),
    ...(ratio === undefined ? {} : { ratio: rounded(ratio) }),
    ...(note === undefined ? {} : { note }),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The p-th percentile by nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))] ?? Number.NaN
  );
}
