import type { Config } from '../authoring/index.ts';
import { reportInlineSecrets } from './options.ts';
import type { Kinds, Report } from './types.ts';

/** Systems: connections of known kinds, no secret written out. Their options are judged where a destination uses them. */
export function checkSystems(config: Config, kinds: Kinds, report: Report): void {
  for (const [name, system] of Object.entries(config.systems)) {
    for (const [kind, options] of Object.entries(system.connections)) {
      const place = `systems.${name}.${kind}`;
      if (!kinds.destinations.some((candidate) => candidate.kind === kind)) {
        report(
          place,
          `no such kind of destination; there are: ${kinds.destinations.map((known) => known.kind).join(', ')}`,
        );
      }
      reportInlineSecrets(options, place, report);
    }
  }
}
