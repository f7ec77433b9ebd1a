import { randomUUID } from 'node:crypto';
import { parseExact, stringifyExact } from '../../../../standards/fhir/index.ts';
import {
  type Ask,
  type Input,
  TerminologyError,
  type TerminologyIssueType,
} from '../../../../standards/terminology/index.ts';
import { gone, invalid, notFound } from '../../failure.ts';
import type { FhirAnswer, FhirRequest, Services } from '../../interaction.ts';
import { inputsOf } from './inputs.ts';

type Definition = Readonly<Record<string, unknown>>;

/** An operation of terminology, as the standards module answers it. */
export type Operation = (ask: Ask) => Promise<Definition>;

/** Nobody is held up for longer by one question. */
const TIME_LIMIT_MS = 25_000;

const STATUS: Readonly<Record<TerminologyIssueType, number>> = {
  invalid: 400,
  required: 400,
  'not-found': 404,
  'not-supported': 422,
  'too-costly': 422,
  'business-rule': 422,
  processing: 422,
  exception: 422,
};

/** Which parameter the stored resource of `/ValueSet/1/$expand` is; its canonical is `url`, where an operation asks for one. */
interface Run {
  readonly operation: Operation;
  readonly known: ReadonlySet<string>;
  readonly own: string;
}

/** Answers one question, within a time limit. What terminology cannot answer is told by an OperationOutcome. */
export async function answered(
  request: FhirRequest,
  services: Services,
  { operation, known, own }: Run,
): Promise<FhirAnswer> {
  const given = inputsOf(request);
  checkKnown(given, known, request);
  const inputs = [...given, ...(await storedInputs(request, own))];
  const limit = new AbortController();
  const timer = services.clock.after(TIME_LIMIT_MS, () => limit.abort());
  try {
    const source = await services.terminology();
    const found = await operation({ source, inputs, signal: limit.signal });
    return { status: 200, body: stringifyExact(stamped(found, services)) };
  } catch (error) {
    if (error instanceof TerminologyError) return refusal(error, request);
    throw error;
  } finally {
    timer.cancel();
  }
}

/** Strict handling refuses what the operation does not know; else it is passed over. */
function checkKnown(inputs: readonly Input[], known: ReadonlySet<string>, { prefer }: FhirRequest): void {
  const unknown = inputs.find(({ name }) => !known.has(name));
  if (unknown === undefined || prefer.handling !== 'strict') return;
  const place = /^[_A-Za-z][\w.:-]{0,127}$/.test(unknown.name) ? unknown.name : 'query';
  throw invalid(place, 'this operation does not know the parameter');
}

async function storedInputs({ target, record }: FhirRequest, own: string): Promise<readonly Input[]> {
  const { type, id } = target;
  if (type === undefined || id === undefined) return [];
  const state = await record.state(type, id);
  if (state.kind === 'deleted') throw gone(state.version);
  if (state.kind === 'absent') throw notFound();
  const resource = parseExact(state.resource.json) as Definition;
  if (type !== 'CodeSystem') return [{ name: own, resource }];
  // A code system is asked for by its canonical: sent along, it is this one.
  return [
    { name: 'tx-resource', resource },
    { name: own, value: resource.url },
  ];
}

/** An expansion says which one it is and of when (R4 ValueSet.expansion). */
function stamped(found: Definition, { clock }: Services): Definition {
  const { expansion } = found;
  if (typeof expansion !== 'object' || expansion === null) return found;
  const { extension, ...rest } = expansion as Definition;
  return {
    ...found,
    expansion: {
      ...(extension === undefined ? {} : { extension }),
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: clock.now().toISOString(),
      ...rest,
    },
  };
}

function refusal(error: TerminologyError, { correlationId }: FhirRequest): FhirAnswer {
  const { type, message, detail, place, messageId } = error;
  const coding =
    detail === undefined
      ? {}
      : { coding: [{ system: 'http://hl7.org/fhir/tools/CodeSystem/tx-issue-type', code: detail }] };
  const extension =
    messageId === undefined
      ? {}
      : {
          extension: [
            {
              url: 'http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id',
              valueString: messageId,
            },
          ],
        };
  const issue = {
    ...extension,
    severity: 'error',
    code: type,
    details: { ...coding, text: message },
    diagnostics: `Correlation id ${correlationId}.`,
    ...(place === undefined ? {} : { expression: [place] }),
  };
  return { status: STATUS[type], body: JSON.stringify({ resourceType: 'OperationOutcome', issue: [issue] }) };
}
