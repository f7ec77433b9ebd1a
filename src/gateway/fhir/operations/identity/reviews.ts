import type { Stewardship } from '../../../../trust/access/index.ts';
import { invalid } from '../../failure.ts';
import type { Capability, Interaction } from '../../interaction.ts';
import { type Asked, askedOf } from '../asked.ts';
import { countOf, numberIn, onlyOne, sortOut } from '../inputs.ts';
import { ours } from './definitions.ts';
import { changeAnswer, demandedReason } from './history.ts';
import { noteShown } from './note.ts';
import { type AnsweredParameter, parameters, parts } from './parameters.ts';

/** Questions to a person about who is who: the list, one of them side by side, and the answer. For those who have the right to decide. */

const ofSystem = (operation: string): Capability => ({
  ...{ level: 'system', operation },
  definition: ours(operation),
});

type Listed = Awaited<ReturnType<Stewardship['reviews']>>[number];
type Shown = Awaited<ReturnType<Stewardship['review']>>;

const STATES = ['open', 'proposed', 'decided', 'withdrawn'] as const;
const KINDS = ['possible-duplicate', 'overlay', 'contradictory-merge', 'suspicious-cluster'] as const;
const DEFAULT_COUNT = 50;
const MAX_COUNT = 500;
const MAX_OFFSET = 1_000_000;

const list: Interaction = {
  ...{ name: 'identity-reviews', method: 'GET', path: '/$identity-reviews', body: 'none', effect: 'read' },
  capability: ofSystem('identity-reviews'),
  async run(request) {
    const steward = request.identity().steward();
    const asked = askedOf(request);
    sortOut(asked, new Set(['state', 'kind', 'about', '_count', '_offset']), request);
    const [state, kind] = [oneOf(asked, 'state', STATES), oneOf(asked, 'kind', KINDS)];
    const about = onlyOne(asked, 'about')?.replace(/^Patient\//, '');
    const reviews = await steward.reviews({
      limit: countOf(asked, MAX_COUNT) ?? DEFAULT_COUNT,
      offset: offsetOf(asked),
      ...(state ? { state } : {}),
      ...(kind ? { kind } : {}),
      ...(about === undefined ? {} : { about }),
    });
    return {
      status: 200,
      body: parameters(reviews.map((review) => ({ name: 'review', part: partsOf(review) }))),
      reference: 'identity-reviews',
    };
  },
};

function oneOf<T extends string>(asked: readonly Asked[], name: string, values: readonly T[]): T | undefined {
  const value = onlyOne(asked, name);
  const known = values.find((one) => one === value);
  if (value !== undefined && !known) throw invalid(name, values.join(', '));
  return known;
}

function offsetOf(asked: readonly Asked[]): number {
  const value = onlyOne(asked, '_offset') ?? '0';
  if (!/^\d{1,7}$/.test(value) || Number(value) > MAX_OFFSET) throw invalid('_offset', `0 to ${MAX_OFFSET}`);
  return Number(value);
}

function partsOf(review: Listed): AnsweredParameter[] {
  const { id, kind, state, one, other, probability, heldUntil, openedAt, proposed, decided, reason } = review;
  return parts({
    id: { valuePositiveInt: id },
    kind: { valueCode: kind },
    state: { valueCode: state },
    one: referenceTo(one),
    other: other === '' ? undefined : referenceTo(other),
    probability: probability === undefined ? undefined : { valueDecimal: probability },
    openedAt: { valueInstant: openedAt.toISOString() },
    heldUntil: heldUntil && { valueInstant: heldUntil.toISOString() },
    message: review.messageId === undefined ? undefined : { valuePositiveInt: review.messageId },
    proposed: proposed && { valueString: `${proposed.answer} by ${proposed.by}` },
    answer: decided && { valueCode: decided.answer },
    decidedBy: decided && { valueString: decided.by },
    decidedAt: decided && { valueInstant: decided.at.toISOString() },
    reason: reason === undefined ? undefined : { valueString: reason },
    event: review.eventId === undefined ? undefined : { valuePositiveInt: review.eventId },
  });
}

const referenceTo = (id: string) => ({ valueReference: { reference: `Patient/${id}` } });

const show: Interaction = {
  ...{ name: 'identity-review', method: 'GET', path: '/$identity-review', body: 'none', effect: 'read' },
  capability: ofSystem('identity-review'),
  async run(request) {
    const steward = request.identity().steward();
    const asked = askedOf(request);
    sortOut(asked, new Set(['id']), request);
    const id = numberIn(asked, 'id');
    const shown = await steward.review(id);
    noteShown(
      request,
      show,
      shown.sides.map(({ source }) => source),
    );
    return { status: 200, body: parameters(sideBySide(shown)), reference: `identity-review ${id}` };
  },
};

function sideBySide({ review, sides, lines, comparison }: Shown): AnsweredParameter[] {
  return [
    { name: 'review', part: partsOf(review) },
    ...sides.map(({ source, person, number, system, patient }) => ({
      name: 'side',
      part: [
        ...parts({
          patient: referenceTo(source),
          person: referenceTo(person),
          number: number && { valueIdentifier: number },
          system: system === undefined ? undefined : { valueString: system },
          statement: patient && { resource: patient },
        }),
      ],
    })),
    ...lines.map(({ field, agreement, weight, one, other }) => ({
      name: 'line',
      part: [
        ...parts({
          field: { valueCode: field },
          agreement: { valueCode: agreement },
          weight: { valueDecimal: Math.round(weight * 100) / 100 },
        }),
        ...one.map((valueString) => ({ name: 'one', valueString })),
        ...other.map((valueString) => ({ name: 'other', valueString })),
      ],
    })),
    ...(comparison
      ? [
          {
            name: 'comparison',
            part: [
              ...parts({
                outcome: { valueCode: comparison.outcome },
                probability: { valueDecimal: comparison.probability },
                weight: { valueDecimal: Math.round(comparison.weight * 100) / 100 },
              }),
              ...comparison.guards.map((valueCode) => ({ name: 'guard', valueCode })),
            ],
          },
        ]
      : []),
  ];
}

const answer: Interaction = {
  ...{ name: 'identity-answer', method: 'POST', path: '/$identity-answer' },
  ...{ body: 'parameters', effect: 'write' },
  capability: ofSystem('identity-answer'),
  async run(request) {
    const steward = request.identity().steward();
    const asked = askedOf(request);
    sortOut(asked, new Set(['id', 'answer', 'reason', 'part']), request);
    const given = oneOf(asked, 'answer', ['same', 'different'] as const);
    if (!given) throw invalid('answer', 'same or different');
    const part = onlyOne(asked, 'part')?.replace(/^Patient\//, '');
    const { state, change } = await steward.answer({
      ...{ id: numberIn(asked, 'id'), answer: given, reason: demandedReason(asked) },
      ...(part === undefined ? {} : { part }),
    });
    const told = { name: 'state', valueCode: state };
    return change
      ? changeAnswer(change, [told])
      : { status: 200, body: parameters([told]), reference: 'identity-reviews' };
  },
};

export const reviews: readonly Interaction[] = [list, show, answer];
