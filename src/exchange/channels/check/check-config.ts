import { z } from 'zod';
import type { Options } from '../authoring/index.ts';
import { checkAlerts } from './alerts.ts';
import { checkChannel } from './channel.ts';
import { checkPorts, checkUnique } from './clashes.ts';
import { channelsGoingNowhere, declaredNames } from './names.ts';
import { checkOptions } from './options.ts';
import { judgeable } from './prune.ts';
import { checkSystems } from './systems.ts';
import type { CheckOptions, Mistake } from './types.ts';

/**
 * Every mistake of a configuration at once; none when it may take effect. The configuration may be anything at all: it comes
 * from a module that somebody wrote.
 */
export function checkConfig(original: unknown, options: CheckOptions): Mistake[] {
  const mistakes: Mistake[] = [];
  const report = (place: string, rule: string) => void mistakes.push({ place, rule });
  for (const place of channelsGoingNowhere(original)) report(place, 'at least one destination');
  const judged = judgeable(original, report);
  if (!judged) return mistakes;
  const { config } = judged;
  const names = declaredNames(original);
  checkSystems(config, options.kinds, report);
  checkUnique(judged, report);
  for (const channel of config.channels) checkChannel(channel, { ...judged, names, check: options, report });
  checkPorts(judged, report);
  checkAlerts(judged, names, report);
  if (config.identity)
    checkOptions(config.identity as Options, options.kinds.identity ?? z.strictObject({}), {
      ...{ place: 'identity', check: options, report },
    });
  return mistakes;
}

/** One line a mistake, as `isthmus check` prints them. */
export const formatMistakes = (mistakes: readonly Mistake[]) =>
  mistakes.map(({ place, rule }) => `${place}: ${rule}`);
