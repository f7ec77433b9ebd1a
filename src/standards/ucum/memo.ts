/** What was worked out for the latest `size` texts. The oldest goes first: a flood of texts costs time, never memory. */
export class Memo<Value> {
  private readonly size: number;
  private readonly values = new Map<string, Value>();

  constructor(size: number) {
    this.size = size;
  }

  get(text: string): Value | undefined {
    return this.values.get(text);
  }

  put(text: string, value: Value): Value {
    if (this.values.size >= this.size) {
      const [oldest] = this.values.keys();
      if (oldest !== undefined) this.values.delete(oldest);
    }
    this.values.set(text, value);
    return value;
  }
}
