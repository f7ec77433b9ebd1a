import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Ask,
  builtInSource,
  combineSources,
  expand,
  type Input,
  lookup,
  resourceSource,
  TerminologyError,
  translate,
  validateInCodeSystem,
  validateInValueSet,
} from '../../../src/standards/terminology/index.ts';
import { corporaFolder } from '../corpora.ts';
import { difference } from './tx-compare.ts';

type Json = Readonly<Record<string, unknown>>;

interface Case {
  readonly name: string;
  readonly operation: string;
  readonly request: string;
  readonly response: string;
  readonly profile?: string;
  readonly 'http-code'?: string;
  readonly 'Accept-Language'?: string;
}

interface Suite {
  readonly name: string;
  readonly setup: readonly string[];
  readonly tests: readonly Case[];
}

export interface Outcome {
  readonly suite: string;
  readonly name: string;
  /** Files of the suite's setup that the collection does not have. */
  readonly lacks: readonly string[];
  readonly difference: string | undefined;
}

const OPERATIONS: Readonly<Record<string, (ask: Ask) => Promise<Json>>> = {
  'cs-validate-code': validateInCodeSystem,
  expand,
  lookup,
  translate,
  'validate-code': validateInValueSet,
};

/** Every case of the suite whose files are there, with what came of it. */
export async function runSuite(): Promise<readonly Outcome[]> {
  const folder = join(corporaFolder(), 'tx-tests');
  const read = (file: string): Json =>
    JSON.parse(readFileSync(join(folder, file), 'utf8').replace(/^\ufeff/, '')) as Json;
  const { suites } = read('test-cases.json') as unknown as { readonly suites: readonly Suite[] };
  const builtIn = builtInSource();
  const outcomes: Outcome[] = [];
  for (const { name: suite, setup, tests } of suites) {
    const there = setup.filter((file) => existsSync(join(folder, file)));
    const lacks = setup.filter((file) => !there.includes(file));
    const source = combineSources([resourceSource(there.map(read).map(asR4)), builtIn]);
    for (const one of tests) {
      const operation = OPERATIONS[one.operation];
      if (!operation || !one.request || !existsSync(join(folder, one.request))) continue;
      const profile = one.profile === undefined ? [] : inputsOf(read(one.profile));
      const language = one['Accept-Language'];
      const inputs = [
        ...inputsOf(read(one.request)),
        ...profile,
        ...(language === undefined ? [] : [{ name: 'displayLanguage', value: language }]),
      ];
      const answer = await answerOf(operation, { source, inputs });
      const expected = read(one.response);
      outcomes.push({
        suite,
        name: one.name,
        lacks,
        difference: difference(expected, shapeAs(expected, answer)),
      });
    }
  }
  return outcomes;
}

function inputsOf({ parameter = [] }: Json): readonly Input[] {
  return (parameter as readonly Json[]).map((one): Input => {
    const key = Object.keys(one).find((name) => name.startsWith('value'));
    return {
      name: one.name as string,
      ...(key === undefined ? {} : { value: one[key] }),
      ...(one.resource === undefined ? {} : { resource: one.resource as Json }),
    };
  });
}

/** As the API answers it (src/gateway/fhir/operations/terminology). */
async function answerOf(operation: (ask: Ask) => Promise<Json>, ask: Ask): Promise<Json> {
  try {
    return await operation(ask);
  } catch (error) {
    if (!(error instanceof TerminologyError)) throw error;
    const { type, message, detail, place, messageId } = error;
    return {
      resourceType: 'OperationOutcome',
      issue: [
        {
          ...(messageId === undefined
            ? {}
            : {
                extension: [
                  {
                    url: 'http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id',
                    valueString: messageId,
                  },
                ],
              }),
          severity: 'error',
          code: type,
          details: {
            ...(detail === undefined
              ? {}
              : { coding: [{ system: 'http://hl7.org/fhir/tools/CodeSystem/tx-issue-type', code: detail }] }),
            text: message,
          },
          ...(place === undefined ? {} : { location: [place], expression: [place] }),
        },
      ],
    };
  }
}

const R5 = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion';

/** The cases are in R5: properties in an expansion are elements there, and the map of a match is its originMap. Identifier and time are the API's. */
function shapeAs(expected: Json, answer: Json): Json {
  if (expected.resourceType === 'ValueSet' && answer.expansion) {
    const expansion = asR5(answer.expansion as Json);
    return {
      ...answer,
      expansion: {
        identifier: 'urn:uuid:00000000-0000-4000-8000-000000000000',
        timestamp: '2026-01-01T00:00:00Z',
        ...expansion,
      },
    };
  }
  if (expected.resourceType !== 'Parameters' || !Array.isArray(answer.parameter)) return answer;
  return { ...answer, parameter: (answer.parameter as readonly Json[]).map(matchAsR5) };
}

function matchAsR5(parameter: Json): Json {
  if (parameter.name !== 'match') return parameter;
  const part = (parameter.part as readonly Json[]).map((one) =>
    one.name === 'source' ? { name: 'originMap', valueCanonical: one.valueUri } : one,
  );
  return { name: 'match', part };
}

const EQUIVALENCES: Readonly<Record<string, string>> = {
  equivalent: 'equivalent',
  'related-to': 'relatedto',
  'source-is-narrower-than-target': 'wider',
  'source-is-broader-than-target': 'narrower',
  'not-related-to': 'disjoint',
};

/** The maps of the collection are in R5: a relationship there is an equivalence seen from the other side. */
function asR4(resource: Json): Json {
  if (resource.resourceType !== 'ConceptMap') return resource;
  const text = JSON.stringify(resource, (name, value) =>
    name === 'relationship' ? EQUIVALENCES[value as string] : value,
  );
  return JSON.parse(text.replaceAll('"relationship":', '"equivalence":')) as Json;
}

function asR5(node: Json): Json {
  const { extension = [], contains, ...rest } = node;
  const all = extension as readonly Json[];
  const isProperty = ({ url }: Json) => url === `${R5}.property` || url === `${R5}.contains.property`;
  const property = all
    .filter(isProperty)
    .map(({ extension: parts }) =>
      Object.fromEntries(
        (parts as readonly Json[]).flatMap(({ url, ...value }) =>
          Object.entries(value).map(([name, inner]) => [url === 'value' ? name : (url as string), inner]),
        ),
      ),
    );
  const others = all.filter((one) => !isProperty(one));
  return {
    ...rest,
    ...(others.length > 0 ? { extension: others } : {}),
    ...(property.length > 0 ? { property } : {}),
    ...(contains ? { contains: (contains as readonly Json[]).map(asR5) } : {}),
  };
}
