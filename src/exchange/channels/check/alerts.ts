import { durationMs } from '../authoring/duration.ts';
import type { DeclaredNames } from './names.ts';
import type { Judgeable } from './prune.ts';
import type { Report } from './types.ts';

/** Alerts name what exists and lengths of time that are some. */
export function checkAlerts({ config, placeOf }: Judgeable, names: DeclaredNames, report: Report): void {
  const isDestination = (name: string) => names.destinations.has(name) || names.queues.has(name);
  for (const alert of config.alerts ?? []) {
    const place = placeOf(alert);
    if (alert.alert === 'backlog' && !isDestination(alert.destination))
      report(`${place}.destination`, `no destination ${alert.destination}`);
    if (
      alert.alert === 'parked' &&
      alert.of !== undefined &&
      !names.channels.has(alert.of) &&
      !isDestination(alert.of)
    ) {
      report(`${place}.of`, `no channel or destination ${alert.of}`);
    }
    if (alert.alert !== 'disconnected') continue;
    if (!names.systems.has(alert.system)) report(`${place}.system`, `no system ${alert.system}`);
    if (durationMs(alert.for) === undefined)
      report(`${place}.for`, "a length of time: '500ms', '30s', '5m', '12h', '2d'");
  }
}
