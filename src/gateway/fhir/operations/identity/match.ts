import type { Patient } from '@medplum/fhirtypes';
import { parseResource, stringifyExact } from '../../../../standards/fhir/index.ts';
import type { Json, SeenMatch } from '../../../../trust/access/index.ts';
import { FhirFailure, invalid } from '../../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../../interaction.ts';
import { type Asked, askedIn, askedOf } from '../asked.ts';
import { flagOf, onlyOne, remark, sortOut } from '../inputs.ts';
import { gradeOf, scoreOf } from './grades.ts';
import { noteShown } from './note.ts';

/** `Patient/$match` (R4 patient-operation-match.html; IHE PDQm ITI-119). */
export const match: Interaction = {
  name: 'match',
  method: 'POST',
  path: '/Patient/$match',
  body: 'parameters',
  effect: 'read',
  capability: {
    ...{ level: 'type', types: ['Patient'], operation: 'match' },
    definition: 'http://hl7.org/fhir/OperationDefinition/Patient-match',
  },
  run,
};

const KNOWN: ReadonlySet<string> = new Set(['resource', 'onlyCertainMatches', 'count']);
const DEFAULT_COUNT = 20;
const MAX_COUNT = 100;
const MATCH_GRADE = 'http://hl7.org/fhir/StructureDefinition/match-grade';

async function run(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const asked = givenIn(request);
  const patient = patientIn(asked, services);
  const onlyCertain = flagOf(asked, 'onlyCertainMatches');
  const count = countIn(asked);
  sortOut(asked, KNOWN, request);
  const { matches, isCut, isTooLittle } = await request.identity().match(patient);
  if (isTooLittle) throw tooLittle();
  const listed = listOf(matches, onlyCertain).slice(0, count);
  noteShown(
    request,
    match,
    listed.map(({ resource }) => resource.id),
  );
  const entries = listed.map((one) => entryOf(one, request.base, matches));
  const { outcome } = sortOut(asked, KNOWN, request, isCut ? [CUT] : []);
  if (outcome !== undefined) entries.push(`{"resource":${outcome},"search":{"mode":"outcome"}}`);
  const link = JSON.stringify([{ relation: 'self', url: `${request.base}/Patient/$match` }]);
  const rest = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`;
  return {
    status: 200,
    body: `{"resourceType":"Bundle","type":"searchset","total":${listed.length},"link":${link}${rest}}`,
    reference: 'Patient',
  };
}

const CUT = remark(
  'Parameters.parameter',
  'so many patients share a fact that was asked by that not all of them were compared',
  'incomplete',
);

/** A Patient may come by itself where it is all that is asked by (PDQm 3.2.0, ITI-119). */
function givenIn({ body, parameters }: FhirRequest): Asked[] {
  if (body.length === 0) throw invalid('body', 'Parameters, or a Patient');
  const given = parseResource(body);
  const ofAddress = askedOf({ parameters, body: new Uint8Array() });
  if (given.resourceType === 'Patient')
    return [...ofAddress, { name: 'resource', value: '', resource: given }];
  if (given.resourceType === 'Parameters') return [...ofAddress, ...askedIn(given)];
  throw invalid('body', 'Parameters, or a Patient');
}

/** What makes a Patient unreadable, as against incomplete: `$match` takes what an update would not (R4 patient-operation-match.html). */
const UNREADABLE: ReadonlySet<string> = new Set(['structure', 'value']);

function patientIn(asked: readonly Asked[], { validator }: Services): Patient {
  const [given, another] = asked.filter(({ name }) => name === 'resource');
  if (given?.resource?.resourceType !== 'Patient' || another) throw invalid('resource', 'one Patient');
  const { resource } = given;
  for (const name of ['implicitRules', 'modifierExtension'])
    if (resource[name] !== undefined) throw invalid(`Patient.${name}`, 'absent: nobody is matched by it');
  const issues = validator
    .validate(resource)
    .filter(({ severity, code }) => severity === 'error' && UNREADABLE.has(code));
  if (issues.length > 0) throw new FhirFailure('INVALID_REQUEST', { issues: issues.slice(0, MAX_ISSUES) });
  // Decimals as numbers: matching looks at none.
  return JSON.parse(stringifyExact(resource)) as Patient;
}

const tooLittle = () =>
  new FhirFailure('INVALID_REQUEST', {
    place: 'resource',
    rule: 'enough to find somebody by: a number with its system, a phone or e-mail, or names with a birth date or an address',
    issueType: 'required',
  });

const MAX_ISSUES = 20;

function countIn(asked: readonly Asked[]): number {
  const value = onlyOne(asked, 'count');
  if (value === undefined) return DEFAULT_COUNT;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw invalid('count', 'a number from 1');
  return Math.min(Number(value), MAX_COUNT);
}

/** Of those that are certain only one may be listed: two of them, or one and another that may be it, are no certain match. */
function listOf(matches: readonly SeenMatch[], onlyCertain: boolean): readonly SeenMatch[] {
  const deprecated = /"type":"replaced-by"/;
  const current = matches.filter(({ resource }) => !isReplaced(resource.json, deprecated));
  const sorted = [...current].sort((one, other) => scoreOf(other) - scoreOf(one));
  if (!onlyCertain) return sorted;
  const [only, another] = sorted;
  return only && !another && gradeOf(only, sorted) === 'certain' ? [only] : [];
}

function isReplaced(json: string, hint: RegExp): boolean {
  if (!hint.test(json)) return false;
  const { link } = JSON.parse(json) as Json;
  return Array.isArray(link) && link.some((one: { type?: unknown } | null) => one?.type === 'replaced-by');
}

function entryOf(one: SeenMatch, base: string, all: readonly SeenMatch[]): string {
  const search = {
    extension: [{ url: MATCH_GRADE, valueCode: gradeOf(one, all) }],
    mode: 'match',
    score: scoreOf(one),
  };
  const fullUrl = JSON.stringify(`${base}/Patient/${one.resource.id}`);
  return `{"fullUrl":${fullUrl},"resource":${one.resource.json},"search":${JSON.stringify(search)}}`;
}
