import type { ParameterDefinition } from './sources.ts';

/** `us-core-race` of US Core's canonical URL, `Patient-name` of R4's. */
const nameOf = ({ url }: ParameterDefinition) => url.slice(url.lastIndexOf('/') + 1);

/**
 * US Core ends these with the bare code, or with a choice as JSON names it. A token has its system (R4 search.html#token), so that the coding
 * is read; FHIRPath names the choice `value`.
 */
const READ_AS: Readonly<Record<string, readonly [published: string, read: string]>> = {
  'us-core-race': ['.value.code', '.value.as(Coding)'],
  'us-core-ethnicity': ['.value.code', '.value.as(Coding)'],
  'us-core-patient-gender-identity': ['.value.coding.code', '.value.as(CodeableConcept)'],
  'us-core-condition-asserted-date': ['.valueDateTime', '.value.as(dateTime)'],
};

/** The definition without the slips of its publisher, each mended by name; fails when the published text is no longer the one that was judged. */
export function mended(parameter: ParameterDefinition): ParameterDefinition {
  const readAs = READ_AS[nameOf(parameter)];
  if (readAs) return withExpression(parameter, readAs);
  return nameOf(parameter) === 'DocumentReference-relationship' ? turnedRound(parameter) : parameter;
}

function withExpression(
  parameter: ParameterDefinition,
  [published, read]: readonly [string, string],
): ParameterDefinition {
  const { expression = '' } = parameter;
  if (!expression.endsWith(published)) throw new Error(`${nameOf(parameter)} has changed`);
  return { ...parameter, expression: expression.slice(0, -published.length) + read };
}

/** R4 names the components of DocumentReference-relationship the wrong way round: its expressions are `code`, then `target`. */
function turnedRound(parameter: ParameterDefinition): ParameterDefinition {
  const [code, target] = parameter.component ?? [];
  if (!code || !target || !code.definition.endsWith('-relatesto'))
    throw new Error('relationship has changed');
  const component = [
    { definition: target.definition, expression: code.expression },
    { definition: code.definition, expression: target.expression },
  ];
  return { ...parameter, component };
}
