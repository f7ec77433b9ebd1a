import { createHash } from 'node:crypto';
import {
  groupSubstances,
  type SubstanceCoding,
  type SubstanceEntry,
  type SubstanceGroup,
} from '../../../clinical/terminology/index.ts';
import type { Json, StoredResource } from '../../../trust/access/index.ts';
import { gone, notFound } from '../failure.ts';
import type { Capability, FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { askedOf } from './asked.ts';
import { remark, sortOut } from './inputs.ts';

const capability: Capability = {
  ...{ level: 'type', types: ['Patient'], operation: 'substances' },
  definition: 'urn:isthmus:operation:patient-substances',
};
const ofInstance = { path: '/Patient/:id/$substances', effect: 'read', run: substances } as const;

/**
 * `Patient/{id}/$substances`: the allergies and medications of a patient, those for the same substance or drug together, whatever code systems they are in
 * (docs/design/terminology.md, TU16 to TU18). A collection of Lists, one a group, that refer to the entries.
 */
export const substanceOperations: readonly Interaction[] = [
  { name: 'substances', method: 'GET', body: 'none', capability, ...ofInstance },
  { name: 'substances-by-parameters', method: 'POST', body: 'parameters', ...ofInstance },
];

const ENTRIES = ['AllergyIntolerance', 'MedicationRequest', 'MedicationStatement'];
const NOTHING_KNOWN: ReadonlySet<string> = new Set();

async function substances(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const asked = askedOf(request);
  sortOut(asked, NOTHING_KNOWN, request);
  const { id = '' } = request.target;
  const state = await request.record.state('Patient', id);
  if (state.kind === 'deleted') throw gone(state.version);
  if (state.kind === 'absent') throw notFound();
  const page = await request.record.everything(id, { types: [...ENTRIES, 'Medication'] });
  const drugs = new Map(page.included.map((one) => [nameOf(one), parsed(one)]));
  const entries = page.matches
    .map((one) => entryOf(nameOf(one), parsed(one), drugs))
    .filter((entry) => entry !== undefined);
  const groups = await groupSubstances(await services.terminology(), entries);
  const shown = new Map(entries.map((entry) => [entry.id, entry]));
  const at = services.clock.now().toISOString();
  const lists = groups.map((group) => listOf(group, { patient: `Patient/${id}`, at, shown }));
  const cut = page.next || page.truncatedIncludes ? [INCOMPLETE] : [];
  const { outcome } = sortOut(asked, NOTHING_KNOWN, request, cut);
  const bundle = {
    ...{ resourceType: 'Bundle', type: 'collection', timestamp: at },
    entry: [...lists, ...(outcome === undefined ? [] : [{ resource: JSON.parse(outcome) as object }])],
  };
  return { status: 200, body: JSON.stringify(withoutEmpty(bundle)), reference: `Patient/${id}` };
}

const withoutEmpty = ({
  entry,
  ...bundle
}: {
  readonly entry: readonly object[];
  readonly [part: string]: unknown;
}) => (entry.length === 0 ? bundle : { ...bundle, entry });

const parsed = ({ json }: StoredResource): Json => JSON.parse(json) as Json;
const nameOf = ({ type, id }: StoredResource): string => `${type}/${id}`;

interface Entry extends SubstanceEntry {
  readonly display: string | undefined;
}

type Parts = Readonly<Record<string, unknown>>;

/** Undefined for what was entered in error, and for what names no substance. */
function entryOf(id: string, resource: Json, drugs: ReadonlyMap<string, Json>): Entry | undefined {
  if (isError(resource)) return undefined;
  if (resource.resourceType === 'AllergyIntolerance') return fromConcept(id, resource.code);
  const { medicationCodeableConcept: concept, medicationReference: reference } = resource;
  if (isParts(concept)) return fromConcept(id, concept);
  const drug = isParts(reference) ? drugOf(reference, resource, drugs) : undefined;
  if (!drug) return isParts(reference) ? { id, codings: [], display: textOf(reference.display) } : undefined;
  const whole = fromConcept(id, drug.code) ?? { id, codings: [], display: undefined };
  const parts = partsIn(drug.ingredient).map((one) => codingsOf(one.itemCodeableConcept));
  return { ...whole, parts };
}

/** A medication beside the request or within it. */
function drugOf(
  { reference }: Parts,
  { contained }: Json,
  drugs: ReadonlyMap<string, Json>,
): Parts | undefined {
  if (typeof reference !== 'string') return undefined;
  return reference.startsWith('#')
    ? partsIn(contained).find(({ id }) => id === reference.slice(1))
    : drugs.get(reference);
}

function fromConcept(id: string, concept: unknown): Entry | undefined {
  if (!isParts(concept)) return undefined;
  const codings = codingsOf(concept);
  return { id, codings, display: textOf(concept.text) ?? codings.find(({ display }) => display)?.display };
}

const codingsOf = (concept: unknown): readonly SubstanceCoding[] =>
  isParts(concept)
    ? partsIn(concept.coding).map(({ system, code, display }) => ({
        ...(typeof system === 'string' ? { system } : {}),
        ...(typeof code === 'string' ? { code } : {}),
        ...(typeof display === 'string' ? { display } : {}),
      }))
    : [];

function isError({ status, verificationStatus }: Json): boolean {
  if (status === 'entered-in-error') return true;
  return codingsOf(verificationStatus).some(({ code }) => code === 'entered-in-error');
}

interface Listing {
  readonly patient: string;
  readonly at: string;
  readonly shown: ReadonlyMap<string, Entry>;
}

/** One group (R4 List): what is common is `urn:isthmus:extension:substance`, why they are together `urn:isthmus:extension:grouped-by`. */
function listOf(
  { by, common, entries, isContradictory }: SubstanceGroup,
  { patient, at, shown }: Listing,
): object {
  const title = common.flatMap(({ display }) => display ?? []).join(', ');
  const extension = [
    ...common.map((valueCoding) => ({ url: 'urn:isthmus:extension:substance', valueCoding })),
    { url: 'urn:isthmus:extension:grouped-by', valueCode: by },
  ];
  const note = [{ text: 'The codes of this entry lead to different substances.' }];
  return {
    // The same group has the same name at every call.
    fullUrl: uuidOf(`${patient} ${by} ${entries.join(' ')}`),
    resource: {
      ...{ resourceType: 'List', extension, status: 'current', mode: 'snapshot' },
      ...(title === '' ? {} : { title }),
      ...{ subject: { reference: patient }, date: at },
      ...(isContradictory ? { note } : {}),
      entry: entries.map((reference) => {
        const display = shown.get(reference)?.display;
        return { item: { reference, ...(display === undefined ? {} : { display }) } };
      }),
    },
  };
}

/** A name-based UUID (RFC 9562, version 8). */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const INCOMPLETE = remark('Bundle.entry', 'there is more than one answer holds', 'incomplete');

const partsIn = (value: unknown): readonly Parts[] => (Array.isArray(value) ? value.filter(isParts) : []);
const isParts = (value: unknown): value is Parts =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
