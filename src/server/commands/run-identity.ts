import {
  historyOf,
  type IdentityChange,
  type IdentityEventRecord,
  type Line,
  personOf,
  type Review,
  type Side,
  type SideBySide,
  sourcesOf,
} from '../../clinical/identity/index.ts';
import { systemClock } from '../../foundation/clock/index.ts';
import type { Transaction } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { AnswerOptions, DecideOptions, ReviewsOptions } from './identity-options.ts';
import { printJson, printLine, printTable, printTime } from './output.ts';
import { withIdentity } from './with-identity.ts';
import type { CommandStore } from './with-store.ts';

export async function listIdentityReviews({ json, ...filter }: ReviewsOptions): Promise<void> {
  const reviews = await withIdentity((identity) => identity.reviews.list(filter));
  if (json) return printJson({ reviews });
  if (reviews.length === 0) return printLine('nothing waits for a decision');
  printTable(
    ['id', 'kind', 'one', 'other', 'probability', 'state', 'opened (UTC)', 'holds until (UTC)'],
    reviews.map((review) => [
      ...[String(review.id), review.kind, review.one, review.other, percent(review.probability)],
      ...[stateOf(review), printTime(review.openedAt), review.heldUntil ? printTime(review.heldUntil) : ''],
    ]),
  );
}

const percent = (value: number | undefined): string =>
  value === undefined ? '' : `${(value * 100).toFixed(1)} %`;

const stateOf = ({ state, proposed, decided }: Review): string => {
  if (decided) return `${decided.answer} by ${decided.by}`;
  return proposed ? `${proposed.answer} proposed by ${proposed.by}` : state;
};

export async function showIdentityReview(id: number, json: boolean): Promise<void> {
  const shown = await withIdentity(async (identity, { audit, actor }) => {
    const review = await identity.reviews.read(id);
    if (!review)
      throw new IsthmusError('NOT_FOUND', { place: `review ${id}`, rule: 'there is no such question' });
    // Before the first byte is shown.
    await audit.record({
      action: 'identity.review.read',
      actor,
      target: `identity-review ${id}`,
      outcome: 'success',
    });
    return identity.sideBySide(review);
  });
  if (json) printJson(shown);
  else tellSideBySide(shown);
}

function tellSideBySide({ review, sides, lines, comparison }: SideBySide): void {
  printLine(
    `${review.kind} ${review.id}: ${stateOf(review)}${review.reason ? ` (${shown(review.reason)})` : ''}`,
  );
  if (comparison)
    printLine(
      `${comparison.outcome}, probability ${percent(comparison.probability)}, weight ${comparison.weight.toFixed(1)}${comparison.guards.length > 0 ? `, guarded: ${comparison.guards.join(', ')}` : ''}`,
    );
  for (const side of sides) printLine(`  ${sideText(side)}`);
  const [first, second] = sides;
  printTable(
    ['field', first?.source.slice(0, 8) ?? '', second?.source.slice(0, 8) ?? '', 'agreement', 'weight'],
    lines.map((line) => [
      line.field,
      values(line.one),
      values(line.other),
      line.agreement,
      line.weight.toFixed(1),
    ]),
  );
}

const sideText = ({ source, person, number, system, retiredInto }: Side): string =>
  [
    `Patient/${source}`,
    number ? `number ${shown(number.value)} of ${number.system}` : 'without a number',
    system ? `said by ${system}` : 'says nothing',
    person === source ? '' : `of person ${person}`,
    retiredInto ? `retired into ${retiredInto}` : '',
  ]
    .filter(Boolean)
    .join(', ');

const values = (texts: Line['one']): string => texts.map(shown).join('; ');

/** A text from outside must not steer the terminal. */
const shown = (text: string): string => text.replace(/\p{C}/gu, ' ');

export async function answerIdentityReview(id: number, options: AnswerOptions): Promise<void> {
  const { answer, reason, part, json } = options;
  const answered = await withIdentity((identity, { actor }) =>
    identity.answer({ id, answer, reason, by: actor, ...(part === undefined ? {} : { part }) }),
  );
  if (json) return printJson(answered);
  if (answered.state === 'proposed')
    return printLine(`question ${id}: ${answer} is proposed; a second person decides`);
  printLine(`question ${id}: ${answer}`);
  if (answered.isLate)
    printLine(
      'it was written before: what it says may stand on the chart, and is to be corrected at its source',
    );
  else if (answer === 'different' && answered.review.heldUntil !== undefined && !answered.change)
    printLine(
      'its message is parked; what waits behind it for the same patient goes on once it is skipped (isthmus queue skip)',
    );
  if (answered.change) tellChange(answered.change);
}

function tellChange({ eventId, proposal, moved, persons, changedResources }: IdentityChange): void {
  if (proposal !== undefined) {
    printLine(
      `two people decide: question ${proposal} waits for the second (isthmus identity answer ${proposal} same)`,
    );
    return;
  }
  if (eventId === undefined) {
    printLine('it was so already; nothing changed');
    return;
  }
  printLine(
    `event ${eventId}: ${moved.length} source patients, persons ${persons.join(', ') || 'as they were'}`,
  );
  printLine(`${changedResources} resources are shown anew; isthmus identity undo ${eventId} takes it back`);
}

/** Decides, and tells the audit trail in the same transaction. */
async function decide(
  action: string,
  { reason, json }: DecideOptions,
  work: (
    identity: Parameters<Parameters<typeof withIdentity>[0]>[0],
    transaction: Transaction,
    decision: { actor: string; reason: string; at: Date },
  ) => Promise<IdentityChange>,
): Promise<void> {
  const change = await withIdentity((identity, { database, audit, actor }: CommandStore) =>
    database.transaction(async (transaction) => {
      const done = await work(identity, transaction, { actor, reason, at: systemClock.now() });
      const { proposal, eventId = 'none' } = done;
      const told =
        proposal === undefined
          ? { action, target: `identity-event ${eventId}` }
          : { action: 'identity.propose', target: `identity-review ${proposal}` };
      await audit.recordIn(transaction, { ...told, actor, outcome: 'success', reason });
      return done;
    }),
  );
  if (json) printJson(change);
  else tellChange(change);
}

export const decidePair = (
  name: 'link' | 'not-same',
  [one, other]: readonly [string, string],
  options: DecideOptions,
): Promise<void> =>
  decide(`identity.${name}`, options, (identity, transaction, decision) =>
    name === 'link'
      ? identity.merge(transaction, { target: idOf(one), source: idOf(other), numbers: false, decision })
      : identity.notSame(transaction, { one: idOf(one), other: idOf(other), decision }),
  );

export const unlinkPatient = (patient: string, options: DecideOptions): Promise<void> =>
  decide('identity.unlink', options, ({ persons }, transaction, decision) =>
    persons.unlink(transaction, { source: idOf(patient), decision }),
  );

export const undoDecision = (eventId: number, options: DecideOptions): Promise<void> =>
  decide('identity.undo', options, (identity, transaction, decision) =>
    identity.undo(transaction, { eventId, decision }),
  );

const idOf = (text: string): string => text.replace(/^Patient\//, '');

export async function showHistory(id: string, json: boolean): Promise<void> {
  const found = await withIdentity(async (_identity, { database }) => {
    const about = idOf(id);
    const person = (await personOf(database, about)) ?? about;
    return { person, sources: await sourcesOf(database, person), events: await historyOf(database, about) };
  });
  if (json) return printJson(found);
  if (found.sources.length === 0 && found.events.length === 0)
    throw new IsthmusError('NOT_FOUND', { place: id, rule: 'no patient of this id is known' });
  printLine(`person ${found.person}: source patients ${found.sources.join(', ') || 'none'}`);
  if (found.events.length === 0) return printLine('nothing was decided about it');
  printTable(
    ['event', 'at (UTC)', 'what', 'who', 'why', 'about', 'moved', 'taken back by'],
    found.events.map(eventRow),
  );
}

const eventRow = ({
  id,
  at,
  kind,
  actor,
  reason,
  one,
  other,
  moves,
  undoes,
  undoneBy,
}: IdentityEventRecord) => [
  ...[String(id), printTime(at), undoes === undefined ? kind : `${kind} of ${undoes}`, actor, shown(reason)],
  ...[
    [one, other].filter(Boolean).join(' and '),
    String(moves.length),
    undoneBy === undefined ? '' : String(undoneBy),
  ],
];
