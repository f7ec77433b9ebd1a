import { parseResource } from '../../../../standards/fhir/index.ts';
import type { Input } from '../../../../standards/terminology/index.ts';
import { invalid } from '../../failure.ts';
import type { FhirRequest } from '../../interaction.ts';

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parameters that are for every answer. */
const FORM: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

/** A resource that is sent by itself is the parameter of its type (R4 operations.html#request). */
const SENT: Readonly<Record<string, string>> = {
  CodeSystem: 'codeSystem',
  ConceptMap: 'conceptMap',
  ValueSet: 'valueSet',
};

/**
 * The parameters of an operation: of the address, and of the Parameters resource of a POST; the language of the request where none is named. Throws INVALID_REQUEST,
 * FhirError.
 */
export function inputsOf({
  parameters,
  body,
  header,
}: Pick<FhirRequest, 'parameters' | 'body' | 'header'>): Input[] {
  const inputs = [
    ...parameters.filter(([name]) => !FORM.has(name)).map(inputOfAddress),
    ...(body.length > 0 ? inputsIn(parseResource(body)) : []),
  ];
  const language = header('accept-language');
  const isNamed = language === undefined || inputs.some(({ name }) => name === 'displayLanguage');
  return isNamed ? inputs : [...inputs, { name: 'displayLanguage', value: language }];
}

/** As in a body, a text holds no NUL (R4 datatypes.html#string); no database takes one either. */
function inputOfAddress([name, value]: readonly [string, string]): Input {
  if (value.includes('\0')) throw invalid('query', 'a text without NUL');
  return { name, value };
}

function inputsIn(sent: Node): Input[] {
  if (sent.resourceType === 'Parameters')
    return Array.isArray(sent.parameter) ? sent.parameter.flatMap(inputOf) : [];
  const name = SENT[String(sent.resourceType)];
  if (name === undefined) throw invalid('body', 'a Parameters resource');
  return [{ name, resource: sent }];
}

function inputOf(parameter: unknown, at: number): Input[] {
  const place = `Parameters.parameter[${at}]`;
  if (!isNode(parameter) || typeof parameter.name !== 'string') throw invalid(place, 'a name');
  const { name, resource, part } = parameter;
  if (isNode(resource)) return [{ name, resource }];
  if (part !== undefined) return [{ name, value: { part } }];
  const [value, ...others] = Object.keys(parameter).filter((key) => key.startsWith('value'));
  if (value === undefined || others.length > 0) throw invalid(place, 'one value, a resource or parts');
  return [{ name, value: parameter[value] }];
}
