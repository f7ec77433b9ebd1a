import { TerminologyError } from '../errors.ts';
import type { CodeSystemView, Concept, Definition, Designation } from '../types.ts';
import { rolesOf } from '../views/concepts.ts';
import { asDesignation, propertyValue } from './contains.ts';
import { type Ask, Context } from './context.ts';
import { displayIn, isIn, languagesOf } from './display.ts';
import { unknownCode, unknownSystem } from './messages.ts';

/** Children that are named. */
const MAX_CHILDREN = 1000;

/**
 * CodeSystem/$lookup (R4 codesystem-operation-lookup.html) of `code` and `system`, or `coding`. Without `property` all are told. Throws TerminologyError `not-found` for a code
 * or code system that is not known.
 */
export async function lookup(ask: Ask): Promise<Definition> {
  const context = new Context(ask);
  const { inputs } = context;
  const coding = inputs.coding('coding');
  const code = coding?.code ?? inputs.text('code');
  const system = coding?.system ?? inputs.text('system');
  const version = coding?.version ?? inputs.text('version');
  if (code === undefined || system === undefined)
    throw new TerminologyError('required', 'A code and its system, or a coding, are needed');
  const { view, known } = await context.codeSystem(system, version);
  if (!view || view.content === 'not-present')
    throw new TerminologyError('not-found', unknownSystem({ url: system, version, known }, 'code'), {
      detail: 'not-found',
    });
  const concept = (await view.find([code])).get(code);
  if (!concept)
    throw new TerminologyError('not-found', unknownCode(code, view.url, view.version), {
      detail: 'invalid-code',
    });
  context.checkSupplements();
  return { resourceType: 'Parameters', parameter: await parametersOf(concept, view, context) };
}

async function parametersOf(
  concept: Concept,
  view: CodeSystemView,
  context: Context,
): Promise<readonly Definition[]> {
  const { inputs } = context;
  const languages = languagesOf(inputs.text('displayLanguage'));
  const asked = inputs.texts('property');
  const isAsked = (name: string) => asked.length === 0 || asked.includes('*') || asked.includes(name);
  const display = displayIn(languages, { concept, own: view.language }) ?? concept.code;
  const designations = designationsOf(concept, view).filter(
    ({ language }) =>
      isAsked('designation') ||
      asked.some((name) => name.startsWith('lang.') && isIn(name.slice(5), language)),
  );
  return [
    { name: 'name', valueString: view.name ?? view.title ?? view.url },
    ...(view.version === undefined ? [] : [{ name: 'version', valueString: view.version }]),
    { name: 'display', valueString: display },
    { name: 'code', valueCode: concept.code },
    { name: 'system', valueUri: view.url },
    { name: 'abstract', valueBoolean: concept.isAbstract },
    ...(concept.definition !== undefined && isAsked('definition')
      ? [{ name: 'definition', valueString: concept.definition }]
      : []),
    ...designations.map(designationParameter),
    ...(await propertiesOf(concept, view))
      .filter(({ name }) => isAsked(name))
      .map(({ name, parts }) => ({
        name: 'property',
        part: [{ name: 'code', valueCode: name }, ...parts],
      })),
    ...[...context.usedSupplements].map((valueCanonical) => ({ name: 'used-supplement', valueCanonical })),
  ];
}

/** The display too, where its language is known. */
function designationsOf(
  { display, designations }: Concept,
  { language }: CodeSystemView,
): readonly Designation[] {
  const own = display === undefined || language === undefined ? [] : [{ language, value: display }];
  return [...own, ...designations];
}

function designationParameter(designation: Designation): Definition {
  const { language, use, value } = asDesignation(designation);
  return {
    name: 'designation',
    part: [
      ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
      ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
      { name: 'value', valueString: value },
      ...(designation.source === undefined ? [] : [{ name: 'source', valueCanonical: designation.source }]),
    ],
  };
}

interface Property {
  readonly name: string;
  readonly parts: readonly Definition[];
}

async function propertiesOf(concept: Concept, view: CodeSystemView): Promise<readonly Property[]> {
  const roles = rolesOf(view.properties);
  const children = await view.children(concept.code, { limit: MAX_CHILDREN });
  const around = await view.find([...concept.parents, ...children]);
  const related = (name: string, code: string): Property => {
    const display = around.get(code)?.display;
    return {
      name,
      parts: [
        { name: 'value', valueCode: code },
        ...(display === undefined ? [] : [{ name: 'description', valueString: display }]),
      ],
    };
  };
  // Hierarchy and use are told for every code system alike, whatever it calls them.
  const own = concept.properties.filter(
    ({ code }) => !['parent', 'child', 'inactive'].includes(roles.get(code) ?? ''),
  );
  return [
    ...concept.parents.map((code) => related('parent', code)),
    ...children.map((code) => related('child', code)),
    { name: 'inactive', parts: [{ name: 'value', valueBoolean: !concept.isActive }] },
    ...own.map(
      (property): Property => ({
        name: property.code,
        parts: [{ name: 'value', ...propertyValue(property) }],
      }),
    ),
  ];
}
