import { parseExact, stringifyExact } from '../../../../standards/fhir/index.ts';
import type { Stewardship } from '../../../../trust/access/index.ts';
import { invalid, notFound } from '../../failure.ts';
import type { Capability, FhirAnswer, Interaction } from '../../interaction.ts';
import { type Asked, askedOf } from '../asked.ts';
import { countOf, numberIn, reasonOf, sortOut } from '../inputs.ts';
import { ours } from './definitions.ts';
import { noteShown } from './note.ts';
import { type AnsweredParameter, parameters, parts } from './parameters.ts';

const ofPatient = (operation: string): Capability => ({
  ...{ level: 'type', types: ['Patient'], operation },
  definition: ours(operation),
});

/** `Patient/{id}/$sources`: what each source says of a patient, apart from what is published of the person. */
const sources: Interaction = {
  ...{ name: 'sources', method: 'GET', path: '/Patient/:id/$sources', body: 'none', effect: 'read' },
  capability: ofPatient('sources'),
  async run(request) {
    const steward = request.identity().steward();
    const { id = '' } = request.target;
    sortOut(askedOf(request), new Set(), request);
    const said = await steward.sources(id);
    if (!said) throw notFound();
    const ids = said.map(({ source }) => source);
    noteShown(request, sources, ids);
    const entry = said.map(
      (one) =>
        `{"fullUrl":${JSON.stringify(`${request.base}/Patient/${one.source}`)},"resource":${statementText(one)}}`,
    );
    return {
      status: 200,
      body: `{"resourceType":"Bundle","type":"collection","entry":[${entry.join(',')}]}`,
      reference: `Patient/${id}`,
    };
  },
};

type Said = NonNullable<Awaited<ReturnType<Stewardship['sources']>>>[number];

/** The statement as it was stored, under the source patient's id, with who says it, and whose person it is. Who says nothing has a number alone. */
function statementText({ source, person, number, system, retiredInto, json, lastUpdated }: Said): string {
  const said = (json === undefined ? {} : parseExact(json)) as Readonly<Record<string, unknown>>;
  const { meta, link, resourceType: _type, id: _id, ...elements } = said;
  const links = [
    ...(Array.isArray(link) ? link : []),
    ...(retiredInto === undefined ? [] : [linkTo(retiredInto, 'replaced-by')]),
    ...(person === source || retiredInto !== undefined ? [] : [linkTo(person, 'refer')]),
  ];
  return stringifyExact({
    ...{ resourceType: 'Patient', id: source },
    meta: {
      ...(typeof meta === 'object' ? meta : {}),
      ...(lastUpdated ? { lastUpdated: lastUpdated.toISOString() } : {}),
      ...(system === undefined ? {} : { source: `urn:isthmus:system:${encodeURIComponent(system)}` }),
    },
    ...(json === undefined && number ? { identifier: [number] } : {}),
    ...elements,
    ...(links.length === 0 ? {} : { link: links }),
  });
}

const linkTo = (id: string, type: string) => ({ other: { reference: `Patient/${id}` }, type });

/** `Patient/{id}/$identity-history`: decisions about a patient and everybody of its person, oldest first; no values. */
const history: Interaction = {
  ...{ name: 'identity-history', method: 'GET', path: '/Patient/:id/$identity-history' },
  ...{ body: 'none', effect: 'read' },
  capability: ofPatient('identity-history'),
  async run(request) {
    const steward = request.identity().steward();
    const { id = '' } = request.target;
    const asked = askedOf(request);
    sortOut(asked, new Set(['_count']), request);
    const events = await steward.history(id, countOf(asked, MAX_EVENTS) ?? DEFAULT_EVENTS);
    if (!events) throw notFound();
    return { status: 200, body: parameters(events.map(eventOf)), reference: `Patient/${id}` };
  },
};

const DEFAULT_EVENTS = 100;
const MAX_EVENTS = 1_000;

type Event = NonNullable<Awaited<ReturnType<Stewardship['history']>>>[number];

function eventOf({ id, kind, at, actor, reason, one, other, moves, ...rest }: Event): AnsweredParameter {
  const { messageId, modelVersion, undoes, undoneBy } = rest;
  return {
    name: 'event',
    part: [
      ...parts({
        id: { valuePositiveInt: id },
        kind: { valueCode: kind },
        at: { valueInstant: at.toISOString() },
        actor: { valueString: actor },
        reason: { valueString: reason },
        one: one === undefined ? undefined : referenceTo(one),
        other: other === undefined ? undefined : referenceTo(other),
        message: messageId === undefined ? undefined : { valuePositiveInt: messageId },
        model: modelVersion === undefined ? undefined : { valueString: modelVersion },
        undoes: undoes === undefined ? undefined : { valuePositiveInt: undoes },
        undoneBy: undoneBy === undefined ? undefined : { valuePositiveInt: undoneBy },
      }),
      ...moves.map((move) => ({
        name: 'moved',
        part: parts({
          patient: referenceTo(move.source),
          from: referenceTo(move.fromPerson),
          to: referenceTo(move.toPerson),
          retiredInto: move.toRetiredInto === null ? undefined : referenceTo(move.toRetiredInto),
        }),
      })),
    ],
  };
}

const referenceTo = (id: string) => ({ valueReference: { reference: `Patient/${id}` } });

/** `$identity-undo`: takes a decision back, exactly, by the number of its event. */
const undo: Interaction = {
  ...{ name: 'identity-undo', method: 'POST', path: '/$identity-undo', body: 'parameters', effect: 'write' },
  capability: { level: 'system', operation: 'identity-undo', definition: ours('identity-undo') },
  async run(request) {
    const steward = request.identity().steward();
    const asked = askedOf(request);
    sortOut(asked, new Set(['event', 'reason']), request);
    const change = await steward.undo(numberIn(asked, 'event'), demandedReason(asked));
    return changeAnswer(change);
  },
};

export function demandedReason(asked: readonly Asked[]): string {
  const reason = reasonOf(asked);
  if (reason === undefined) throw invalid('reason', 'why');
  return reason;
}

/** What a decision has changed. */
export function changeAnswer(
  { eventId, persons, moved }: Awaited<ReturnType<Stewardship['undo']>>,
  more: readonly AnsweredParameter[] = [],
): FhirAnswer {
  return {
    status: 200,
    body: parameters([
      ...more,
      ...parts({ event: eventId === undefined ? undefined : { valuePositiveInt: eventId } }),
      ...persons.map((id) => ({ name: 'person', ...referenceTo(id) })),
      ...moved.map((id) => ({ name: 'moved', ...referenceTo(id) })),
    ]),
    ...(eventId === undefined ? {} : { reference: `identity-event ${eventId}` }),
  };
}

export const histories: readonly Interaction[] = [sources, history, undo];
