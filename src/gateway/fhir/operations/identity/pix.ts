import type { Identifier, Patient } from '@medplum/fhirtypes';
import type { Clause, TokenValue } from '../../../../standards/fhir-search/index.ts';
import type { OpenRecord, PatientNumber } from '../../../../trust/access/index.ts';
import { FhirFailure, invalid } from '../../failure.ts';
import type { Capability, FhirAnswer, FhirRequest, Interaction, Services } from '../../interaction.ts';
import { type Asked, askedOf } from '../asked.ts';
import { sortOut } from '../inputs.ts';
import { parameters } from './parameters.ts';

const capability: Capability = {
  ...{ level: 'type', types: ['Patient'], operation: 'ihe-pix' },
  definition: 'https://profiles.ihe.net/ITI/PIXm/OperationDefinition/IHE.PIXm.pix',
};
const shared = { path: '/Patient/$ihe-pix', effect: 'read', run } as const;

/** `Patient/$ihe-pix` (IHE PIXm 3.1.0, ITI-83): by which numbers else the patient of a number is known. */
export const pix: readonly Interaction[] = [
  { name: 'ihe-pix', method: 'GET', body: 'none', capability, ...shared },
  { name: 'ihe-pix-by-parameters', method: 'POST', body: 'parameters', ...shared },
];

const KNOWN: ReadonlySet<string> = new Set(['sourceIdentifier', 'targetSystem']);
const MAX_SYSTEMS = 100;

async function run(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const asked = askedOf(request);
  sortOut(asked, KNOWN, request);
  const source = sourceIn(asked);
  const targets = targetsIn(asked);
  const patient = await patientOf(request, source, services);
  const own = new Set(patient.identifier?.map(({ system }) => system));
  for (const system of targets)
    if (!own.has(system) && !(await isKnownSystem(request, system, services))) throw unknownTarget();
  const found = othersOf(patient, source).filter(
    ({ system }) => targets.length === 0 || targets.includes(system),
  );
  const reference = `Patient/${patient.id}`;
  const ids = found.length === 0 ? [] : [{ name: 'targetId', valueReference: { reference } }];
  return {
    status: 200,
    body: parameters([
      ...ids,
      ...found.map((valueIdentifier) => ({ name: 'targetIdentifier', valueIdentifier })),
    ]),
    reference,
  };
}

/** `system|value`, both of them. */
function sourceIn(asked: readonly Asked[]): PatientNumber {
  const [given, another] = asked.filter(({ name }) => name === 'sourceIdentifier');
  const at = given?.value.indexOf('|') ?? -1;
  const system = given?.value.slice(0, Math.max(at, 0)).trim() ?? '';
  const value = given?.value.slice(at + 1).trim() ?? '';
  if (another || at < 1 || system === '' || value === '')
    throw invalid('sourceIdentifier', 'one system|value');
  return { system, value };
}

function targetsIn(asked: readonly Asked[]): string[] {
  const systems = asked.filter(({ name }) => name === 'targetSystem').map(({ value }) => value.trim());
  if (systems.length > MAX_SYSTEMS) throw invalid('targetSystem', `at most ${MAX_SYSTEMS}`);
  if (systems.includes('')) throw invalid('targetSystem', 'the system of identifiers');
  return [...new Set(systems)];
}

/** The Patient that carries the number within the context. Throws NOT_FOUND, INVALID_REQUEST for a system that nobody knows, CONFLICT. */
async function patientOf(
  request: FhirRequest,
  { system, value }: PatientNumber,
  services: Services,
): Promise<Patient> {
  const [found, another] = await patientsBy(request.record, { system, code: value }, 2);
  // Cross-referencing two charts by a number that both claim would join them.
  if (found && another)
    throw new FhirFailure('CONFLICT', {
      ...{ place: 'sourceIdentifier', rule: 'a number of one patient; several claim this one' },
      issueType: 'multiple-matches',
    });
  if (found) return found;
  const place = 'sourceIdentifier';
  if (await isKnownSystem(request, system, services))
    throw new FhirFailure('NOT_FOUND', { place, rule: 'a number that is known' });
  throw new FhirFailure('INVALID_REQUEST', {
    ...{ place, rule: 'a system whose numbers are known here' },
    issueType: 'code-invalid',
  });
}

async function isKnownSystem(
  { record, identity }: FhirRequest,
  system: string,
  { identity: faces }: Pick<Services, 'identity'>,
): Promise<boolean> {
  if (faces?.systems().includes(system) || (await identity().knows(system))) return true;
  return (await patientsBy(record, { system }, 1)).length > 0;
}

async function patientsBy(record: OpenRecord, token: TokenValue, count: number): Promise<Patient[]> {
  const where: readonly Clause[] = [{ kind: 'token', param: 'identifier', anyOf: [token] }];
  const { matches } = await record.search({
    ...{ types: ['Patient'], where, count, total: 'none' },
    ...{ sort: [], include: [], revinclude: [] },
  });
  return matches.map(({ json }) => JSON.parse(json) as Patient);
}

const unknownTarget = () =>
  new FhirFailure('FORBIDDEN', {
    ...{ place: 'targetSystem', rule: 'a system whose numbers are known here' },
    issueType: 'code-invalid',
  });

type Number = Identifier & Required<Pick<Identifier, 'system' | 'value'>>;

/** Numbers in use with system and value (ITI TF-2 Z.9.1), each once, without the one that was asked by. */
function othersOf({ identifier = [] }: Patient, source: PatientNumber): Number[] {
  const found = new Map<string, Number>();
  for (const { system, value, use, type, period, assigner } of identifier) {
    if (!system || !value || use === 'old') continue;
    if (system === source.system && value === source.value) continue;
    found.set(`${system}|${value}`, {
      ...{ system, value },
      ...(use ? { use } : {}),
      ...(type ? { type } : {}),
      ...(period ? { period } : {}),
      // An assigner has a name in this profile.
      ...(assigner?.display ? { assigner: { display: assigner.display } } : {}),
    });
  }
  return [...found.values()];
}
