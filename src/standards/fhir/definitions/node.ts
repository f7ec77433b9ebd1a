/** A JSON object that came from outside: nothing is known of its members. */
export type Node = Readonly<Record<string, unknown>>;

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function child(of: unknown, name: string): Node | undefined {
  const value = isNode(of) ? of[name] : undefined;
  return isNode(value) ? value : undefined;
}

export function textOf(of: unknown, name: string): string | undefined {
  const value = isNode(of) ? of[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export const flag = (of: unknown, name: string): boolean => isNode(of) && of[name] === true;

/** The objects of a list; whatever else is in it is passed over. */
export function listOf(of: unknown, name: string): readonly Node[] {
  const value = isNode(of) ? of[name] : undefined;
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function textsOf(of: unknown, name: string): readonly string[] {
  const value = isNode(of) ? of[name] : undefined;
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
