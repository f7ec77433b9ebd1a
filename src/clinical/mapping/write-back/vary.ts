import type { FieldRule } from './fields.ts';
import { type GroupPart, group, type Part, type Parts, type SegmentPart, segmentPart } from './parts.ts';
import type { Profile, Receiver } from './profile.ts';

/** In place of a field or a segment: the receiver does not want it. */
export const leftOut: unique symbol = Symbol('left out');
type LeftOut = typeof leftOut;

/** Fields to replace, to add, or to leave out, by number. */
type FieldChanges<Item> = Readonly<Record<number, FieldRule<Item> | LeftOut>>;

type Change<P> =
  P extends SegmentPart<infer _Facts, infer Item>
    ? FieldChanges<Item> | LeftOut
    : P extends GroupPart<infer _Facts, infer Item, infer Inner>
      ? Changes<Item, Inner> | LeftOut
      : LeftOut;

/** What differs from the base, by the names of its parts; `after` adds segments behind one of them. */
type Changes<Facts, P> = { readonly [Name in keyof P]?: Change<P[Name]> } & {
  readonly after?: { readonly [Name in keyof P]?: Parts<Facts> };
};

export interface Variation<Facts, P extends Parts<Facts>> extends Receiver {
  readonly message?: Profile<Facts, P>['message'];
  readonly parts?: Changes<Facts, P>;
}

/**
 * A site's profile: the base with what differs. Whatever the base says later and the site does not speak of, the site's profile says, too.
 * Throws TypeError for a part that the base does not have.
 *
 *     vary(bookings)({ parts: { PID: { 18: account, 11: leftOut }, AIG: leftOut, after: { PV1: { ZPV: one('ZPV', { … }) } } } })
 */
export const vary =
  <Facts, P extends Parts<Facts>>(base: Profile<Facts, P>) =>
  ({ parts = {}, codes, codeSystems, header, ...others }: Variation<Facts, P>): Profile<Facts, P> => ({
    ...base,
    ...others,
    parts: changedParts(base.parts, parts as AnyChanges) as P,
    ...(codes ? { codes: { ...base.codes, ...codes } } : {}),
    ...(codeSystems ? { codeSystems: { ...base.codeSystems, ...codeSystems } } : {}),
    ...(header ? { header: { ...base.header, ...header } } : {}),
  });

/** As the types above promise them; nothing of them is left at run time. */
type AnyChanges = Readonly<Record<string, unknown>> & { readonly after?: Readonly<Record<string, object>> };

function changedParts<Facts>(parts: Parts<Facts>, changes: AnyChanges): Parts<Facts> {
  const { after = {}, ...changed } = changes;
  for (const name of [...Object.keys(changed), ...Object.keys(after)])
    if (!Object.hasOwn(parts, name)) throw new TypeError(`the profile has no part ${name}`);
  const kept: [string, Part<Facts>][] = [];
  for (const [name, part] of Object.entries(parts)) {
    const change = changed[name];
    if (change !== leftOut)
      kept.push([name, change === undefined ? part : changedPart(part, change as object)]);
    for (const [added, extra] of Object.entries(after[name] ?? {})) kept.push([added, extra as Part<Facts>]);
  }
  return Object.fromEntries(kept);
}

function changedPart<Facts>(part: Part<Facts>, change: object): Part<Facts> {
  if (isGroup(part)) return group(part.group, changedParts(part.parts, change as AnyChanges));
  if (!isSegment(part)) throw new TypeError('only tables of fields can be varied');
  const fields: FieldChanges<unknown> = { ...part.fields, ...change };
  const kept = Object.entries(fields).filter(
    (entry): entry is [string, FieldRule<unknown>] => entry[1] !== leftOut,
  );
  return segmentPart({ ...part, fields: Object.fromEntries(kept) });
}

const isGroup = <Facts>(part: Part<Facts>): part is GroupPart<Facts, unknown, Parts<unknown>> =>
  'parts' in part;
const isSegment = <Facts>(part: Part<Facts>): part is SegmentPart<Facts, unknown> => 'fields' in part;
