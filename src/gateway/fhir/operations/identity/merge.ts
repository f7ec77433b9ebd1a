import { isResourceId, parseResource, stringifyExact } from '../../../../standards/fhir/index.ts';
import type { Json, MergeAsked, NamedPatient, PatientNumber } from '../../../../trust/access/index.ts';
import { invalid } from '../../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../../interaction.ts';
import { outcomeOf } from '../../outcome.ts';
import { refuseSubset, validated } from '../../write/prepare.ts';
import { type Asked, askedOf } from '../asked.ts';
import { flagOf, onlyOne, reasonOf, remark, sortOut } from '../inputs.ts';

/** `Patient/$merge` as in R5 (patient-operation-merge.html): two patients are one from now on. */
export const merge: Interaction = {
  name: 'merge',
  method: 'POST',
  path: '/Patient/$merge',
  body: 'parameters',
  effect: 'write',
  capability: {
    ...{ level: 'type', types: ['Patient'], operation: 'merge' },
    definition: 'http://hl7.org/fhir/OperationDefinition/Patient-merge',
  },
  run,
};

const SIDES = ['source-patient', 'target-patient'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...SIDES.flatMap((side) => [side, `${side}-identifier`]),
  ...['result-patient', 'preview', 'reason'],
]);
const MAX_NUMBERS = 20;

async function run(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const steward = request.identity().steward();
  const asked = askedOf(request);
  sortOut(asked, KNOWN, request);
  const merging = mergeIn(asked, request, services);
  const { change, result } = await steward.merge(merging);
  const told = remark('Patient', toldOf(merging, change), 'informational');
  const outcome = outcomeOf([{ ...told, severity: 'information' }], request.correlationId);
  const parameter = [
    ...(request.body.length === 0
      ? []
      : [`{"name":"input","resource":${stringifyExact(parseResource(request.body))}}`]),
    `{"name":"outcome","resource":${JSON.stringify(outcome)}}`,
    ...(result ? [`{"name":"result","resource":${result.json}}`] : []),
    ...(change.eventId === undefined || merging.preview
      ? []
      : [`{"name":"event","valuePositiveInt":${change.eventId}}`]),
  ];
  return {
    status: 200,
    body: `{"resourceType":"Parameters","parameter":[${parameter.join(',')}]}`,
    ...(result ? { reference: `Patient/${result.id}` } : {}),
    ...(merging.preview || (change.eventId === undefined && change.proposal === undefined)
      ? { unwritten: true }
      : {}),
  };
}

function toldOf(
  { preview }: MergeAsked,
  { eventId: event, proposal }: { readonly eventId: number | undefined; readonly proposal?: number },
): string {
  if (preview) return 'so it would be; nothing was written';
  if (proposal !== undefined)
    return `two people decide: question ${proposal} waits for the second ($identity-answer)`;
  return event === undefined
    ? 'it was so already'
    : `merged by event ${event}, which $identity-undo takes back`;
}

function mergeIn(asked: readonly Asked[], request: FhirRequest, services: Services): MergeAsked {
  const [source, target] = SIDES.map((side) => namedIn(asked, side, request.base));
  if (!source || !target) throw invalid('source-patient', 'a patient');
  const result = resultIn(asked, services);
  return {
    ...{ source, target },
    reason: reasonOf(asked) ?? 'Patient/$merge',
    ...(result ? { result } : {}),
    preview: flagOf(asked, 'preview'),
  };
}

function namedIn(asked: readonly Asked[], side: (typeof SIDES)[number], base: string): NamedPatient {
  const reference = onlyOne(asked, side);
  const given = asked.filter(({ name }) => name === `${side}-identifier`);
  if (given.length > MAX_NUMBERS) throw invalid(`${side}-identifier`, `at most ${MAX_NUMBERS}`);
  const numbers = given.map(({ value }) => numberOf(value, `${side}-identifier`));
  if (reference === undefined && numbers.length === 0)
    throw invalid(side, 'a reference to a patient, or a number with its system');
  return { numbers, ...(reference === undefined ? {} : { id: idOf(reference, side, base) }) };
}

function numberOf(text: string, place: string): PatientNumber {
  const at = text.indexOf('|');
  if (at < 1 || at === text.length - 1) throw invalid(place, 'a number with its system');
  return { system: text.slice(0, at), value: text.slice(at + 1) };
}

function idOf(reference: string, place: string, base: string): string {
  const local = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
  const id = /^Patient\/([^/]+)$/.exec(local)?.[1];
  if (id === undefined || !isResourceId(id)) throw invalid(place, 'Patient/{id}');
  return id;
}

function resultIn(asked: readonly Asked[], services: Services): Json | undefined {
  const [given, another] = asked.filter(({ name }) => name === 'result-patient');
  if (!given) return undefined;
  if (another || given.resource?.resourceType !== 'Patient') throw invalid('result-patient', 'one Patient');
  refuseSubset(given.resource, 'result-patient.meta.tag');
  validated(given.resource, services);
  return given.resource;
}
