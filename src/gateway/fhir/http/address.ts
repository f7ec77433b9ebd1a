import { invalid } from '../failure.ts';
import type { Parameter } from '../interaction.ts';

/** More are no search but an attempt on us. */
const MAX_PARAMETERS = 256;

export interface Address {
  /** Below the base, not decoded. */
  readonly path: string;
  readonly query: string;
}

/** Parts a URL as the request line has it, `/fhir/R4/Patient?name=x`, below the base. */
export function addressOf(url: string, prefix: string): Address {
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  return { path: path.slice(prefix.length), query: at === -1 ? '' : url.slice(at + 1) };
}

/** Names and values, in order; `+` is a blank, as in forms. Throws INVALID_REQUEST when they are too many. */
export function parametersOf(query: string): Parameter[] {
  if (query === '') return [];
  const parameters = [...new URLSearchParams(query)];
  if (parameters.length > MAX_PARAMETERS) throw invalid('query', `at most ${MAX_PARAMETERS} parameters`);
  return parameters;
}
