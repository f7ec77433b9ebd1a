/** A parameter of an answer: a value, a resource or parts. */
export interface AnsweredParameter {
  readonly name: string;
  readonly [value: string]: unknown;
}

/** A Parameters resource as JSON; without any parameter the list is left out, as FHIR wants it. */
export const parameters = (parameter: readonly AnsweredParameter[]): string =>
  JSON.stringify({ resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) });

/** Parts of those of these that there are. */
export function parts(values: Readonly<Record<string, object | undefined>>): AnsweredParameter[] {
  return Object.entries(values).flatMap(([name, value]) => (value ? [{ name, ...value }] : []));
}
