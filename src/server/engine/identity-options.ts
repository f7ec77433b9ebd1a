import { z } from 'zod';
import type { IdentitySettings } from '../../clinical/identity/index.ts';
import { defaultModel, type Model } from '../../clinical/matching/index.ts';
import { authoritySystem } from '../../clinical/source-patients/index.ts';
import { type Config, durationMs } from '../../exchange/channels/index.ts';

const MAX_VALUES = 1_000;
const texts = z.array(z.string().min(1)).max(MAX_VALUES).optional();
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day: YYYY-MM-DD');
const probability = z.number().gt(0, 'a probability: more than 0').lt(1, 'a probability: less than 1');

const authority = z.strictObject({
  trusted: z.boolean().optional(),
  single: z.boolean().optional(),
  kind: z.enum(['ssn', 'mrn', 'national', 'driver', 'insurance', 'other']).optional(),
  feeder: z.string().min(1).optional(),
});

/** The section `identity` of a configuration. */
export const identityOptions = z.strictObject({
  authorities: z.record(z.string().min(1), authority).optional(),
  placeholders: z
    .strictObject({
      names: texts,
      birthDates: z.array(day).max(MAX_VALUES).optional(),
      phones: texts,
      identifiers: texts,
      addresses: texts,
      emails: texts,
    })
    .optional(),
  thresholds: z
    .strictObject({ same: probability, review: probability })
    .refine(({ same, review }) => review <= same, 'review is not above same')
    .optional(),
  dualControl: z.boolean().optional(),
  holdFor: z
    .string()
    .refine((text) => durationMs(text) !== undefined, "a length of time: '30m', '4h', '2d'")
    .optional(),
});

/** What a configuration declares, in the words of identity, over the model that was adopted, if one was. It was judged when it was loaded. */
export function identitySettingsOf({ identity = {} }: Config, adopted?: Model): IdentitySettings {
  const { authorities = {}, placeholders, thresholds, dualControl, holdFor } = identity;
  const holdMs = durationMs(holdFor);
  return {
    features: {
      authorities: Object.fromEntries(
        Object.entries(authorities).map(([name, { feeder: _feeder, ...declared }]) => [
          systemOf(name),
          declared,
        ]),
      ),
      ...(placeholders ? { placeholders } : {}),
    },
    ...modelOf(adopted, thresholds),
    ...(dualControl === undefined ? {} : { dualControl }),
    ...(holdMs === undefined ? {} : { holdMs }),
  };
}

/** The client that alone feeds the numbers of a system, where the configuration declares one. */
export function feederIn({ identity = {} }: Config, system: string): string | undefined {
  const declared = Object.entries(identity.authorities ?? {});
  return declared.find(([name]) => systemOf(name) === system)?.[1].feeder;
}

/** Systems of identifiers that the configuration names. */
export function declaredSystems({ identity = {}, systems = {} }: Config): string[] {
  const ofSystems = Object.values(systems).flatMap(({ authority: name }) => name ?? []);
  return [...new Set([...Object.keys(identity.authorities ?? {}), ...ofSystems].map(systemOf))];
}

const systemOf = (name: string): string => (/^[a-z][a-z0-9+.-]*:/.test(name) ? name : authoritySystem(name));

interface Thresholds {
  readonly same: number;
  readonly review: number;
}

/** Decisions name the version: that of a model with other thresholds is another one. */
function modelOf(adopted: Model | undefined, thresholds: Thresholds | undefined): { model?: Model } {
  if (!thresholds) return adopted ? { model: adopted } : {};
  const { same, review } = thresholds;
  const model = adopted ?? defaultModel;
  return { model: { ...model, thresholds, version: `${model.version}; same ${same}, review ${review}` } };
}
