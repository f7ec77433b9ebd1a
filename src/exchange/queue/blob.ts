/** Bodies packed into one binary parameter; each row knows where its part lies. A length of -1 is "none". */
export interface Packed {
  readonly blob: Buffer;
  readonly from: number[];
  readonly length: number[];
}

export function pack(bodies: readonly (Uint8Array | undefined)[]): Packed {
  const from: number[] = [];
  const length: number[] = [];
  let at = 0;
  for (const body of bodies) {
    from.push(at);
    length.push(body ? body.byteLength : -1);
    at += body?.byteLength ?? 0;
  }
  return {
    blob: Buffer.concat(
      bodies.filter((body) => body !== undefined),
      at,
    ),
    from,
    length,
  };
}

/** Keys travel joined by the unit separator, which no key may contain. */
export const joinKeys = (keys: readonly string[]): string =>
  keys.map((key) => key.replaceAll('\u001f', ' ')).join('\u001f');
