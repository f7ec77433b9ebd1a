/** A length of time as people write it: `500ms`, `30s`, `5m`, `12h`, `2d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds, or undefined when the text is no duration or not a positive one. */
export function durationMs(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = unitMs[unit ?? ''];
  if (digits === undefined || factor === undefined) return undefined;
  const ms = Math.round(Number(digits) * factor);
  return ms > 0 ? ms : undefined;
}
