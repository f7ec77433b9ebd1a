/**
 * Numbers for ids of up to 18 digits, counted from 0 in the order of their coming: a hash table in typed arrays, of about 20 bytes an id. A Map of strings would take a hundred, and keep the
 * pieces of the file alive that the strings were cut from.
 */
export class IdNumbers {
  #high = new Uint32Array(1024);
  #low = new Uint32Array(1024);
  /** The number and 1; 0 where the place is free. */
  #number = new Uint32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of an id; it gets one if it has none yet. */
  add(id: string): number {
    const found = this.#place(id);
    const number = this.#number[found.at] ?? 0;
    if (number > 0) return number - 1;
    this.#size += 1;
    this.#high[found.at] = found.high;
    this.#low[found.at] = found.low;
    this.#number[found.at] = this.#size;
    const added = this.#size - 1;
    if (this.#size * 2 > this.#number.length) this.#grow();
    return added;
  }

  /** Undefined for an id that has none. */
  get(id: string): number | undefined {
    const number = this.#number[this.#place(id).at] ?? 0;
    return number === 0 ? undefined : number - 1;
  }

  /** Each id with its number, in no order. */
  *entries(): Generator<readonly [id: string, number: number]> {
    for (let at = 0; at < this.#number.length; at += 1) {
      const number = this.#number[at] ?? 0;
      if (number === 0) continue;
      const high = this.#high[at] ?? 0;
      const low = String(this.#low[at] ?? 0);
      yield [high === 0 ? low : `${high}${low.padStart(9, '0')}`, number - 1];
    }
  }

  #place(id: string): { readonly high: number; readonly low: number; readonly at: number } {
    const high = id.length > 9 ? Number(id.slice(0, -9)) : 0;
    const low = Number(id.length > 9 ? id.slice(-9) : id);
    return { high, low, at: this.#find(high, low) };
  }

  #find(high: number, low: number): number {
    const mask = this.#number.length - 1;
    let at = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) & mask;
    while (this.#number[at] !== 0 && (this.#low[at] !== low || this.#high[at] !== high)) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [high, low, number] = [this.#high, this.#low, this.#number];
    const length = number.length * 2;
    this.#high = new Uint32Array(length);
    this.#low = new Uint32Array(length);
    this.#number = new Uint32Array(length);
    for (let from = 0; from < number.length; from += 1) {
      if (number[from] === 0) continue;
      const at = this.#find(high[from] ?? 0, low[from] ?? 0);
      this.#high[at] = high[from] ?? 0;
      this.#low[at] = low[from] ?? 0;
      this.#number[at] = number[from] ?? 0;
    }
  }
}
