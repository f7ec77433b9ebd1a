import type { Patient } from '@medplum/fhirtypes';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Queryable } from '../../../foundation/database/index.ts';
import { type FeatureOptions, type Features, featuresOf, type Model } from '../../matching/index.ts';
import { saidBy } from '../../record/index.ts';
import { type TwoPersons, twoPersonsIn } from '../matches/decide.ts';
import { knownFeatures } from '../matches/features.ts';

/** What a message says of a source patient. */
export interface Told {
  /** Id of the source patient. */
  readonly source: string;
  readonly patient: Patient;
  /** It registers the patient, and does not mention them in passing: what follows is judged by it. */
  readonly states: boolean;
}

/** A message that speaks of somebody else than the source patient whose number it bears. */
export interface Overlay extends TwoPersons {
  /** Its place in what was told. */
  readonly index: number;
  readonly source: string;
}

export interface OverlayOptions {
  readonly model: Model;
  readonly features?: FeatureOptions;
  readonly keyring?: Keyring;
  readonly asOf: string;
}

/** Those that contradict what is known of their source patients, or was told just before. */
export async function overlaysOf(
  queryable: Queryable,
  told: readonly Told[],
  options: OverlayOptions,
): Promise<Overlay[]> {
  if (told.length === 0) return [];
  const known = await knownOf(queryable, [...new Set(told.map(({ source }) => source))], options);
  const { model, asOf } = options;
  return told.flatMap(({ source, patient, states }, index) => {
    const before = known.get(source);
    if (!before && !states) return [];
    const now = featuresOf(patient, { asOf, ...options.features });
    const found = before && twoPersonsIn(before, now, model);
    if (states && !found?.isOverlay) known.set(source, now);
    return found ? [{ index, source, ...found }] : [];
  });
}

/**
 * As they were last seen; of those that nobody has looked at since they came in, what is said of them; of numbers that were merged before anybody
 * said anything of them, what is said of the person whose chart they lead to.
 */
async function knownOf(
  queryable: Queryable,
  sources: readonly string[],
  { asOf, features, keyring }: OverlayOptions,
): Promise<Map<string, Features>> {
  const known = await knownFeatures(queryable, sources);
  const unseen = sources.filter((source) => !known.has(source));
  if (unseen.length === 0) return known;
  const said = await saidBy(queryable, unseen, keyring);
  const joined = said.flatMap(({ json, source, person }) =>
    json === undefined && person !== source ? [person] : [],
  );
  const founders = joined.length === 0 ? [] : await saidBy(queryable, [...new Set(joined)], keyring);
  for (const { source, person, json } of said) {
    const text = json ?? founders.find((one) => one.source === person)?.json;
    if (text !== undefined) known.set(source, featuresOf(JSON.parse(text) as Patient, { asOf, ...features }));
  }
  return known;
}
