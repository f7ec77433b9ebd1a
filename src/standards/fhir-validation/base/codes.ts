import { type ValueSetCodes, valueSet as valueSetOfR4 } from '../../fhir/index.ts';
import { isObject, listOf } from '../json.ts';

/** Whether a value's code is in the value set. */
export type CodeCheck = (value: unknown, type: string) => boolean;

/** The check for a value set of R4; undefined when it is open or not there. */
export function requiredCodes(valueSet: string): CodeCheck | undefined {
  return codeCheck(valueSetOfR4(valueSet));
}

/** The check for these codes; undefined when they are unknown or the set draws on systems that nobody can list. */
export function codeCheck(codes: ValueSetCodes | undefined): CodeCheck | undefined {
  const { systems } = codes ?? {};
  if (!systems) return undefined;
  const inAny = (code: string): boolean => {
    for (const known of systems.values()) if (known === 'all' || known.has(code)) return true;
    return false;
  };
  const inSystem = (system: unknown, code: unknown): boolean => {
    if (typeof code !== 'string' || typeof system !== 'string') return false;
    const known = systems.get(system) ?? systems.get('');
    return known === 'all' || known?.has(code) === true;
  };
  return (value, type) => {
    if (typeof value === 'string') return inAny(value);
    if (!isObject(value)) return true;
    if (type === 'CodeableConcept') return conceptIn(value, inSystem);
    if (type === 'Quantity') return value.code === undefined || inSystem(value.system, value.code);
    return inSystem(value.system, value.code) || isExtended(value);
  };
}

/** R4 terminologies.html#required: at least one coding is in the set. An extension may say why there is none. */
function conceptIn(
  concept: Record<string, unknown>,
  inSystem: (system: unknown, code: unknown) => boolean,
): boolean {
  const codings = listOf(concept.coding);
  if (codings.length === 0) return isExtended(concept);
  return codings.some((coding) => isObject(coding) && inSystem(coding.system, coding.code));
}

const isExtended = (value: Record<string, unknown>): boolean =>
  value.code === undefined && value.extension !== undefined;
