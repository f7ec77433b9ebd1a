import type { FlowEventDraft } from '../../operations/timeline/index.ts';
import type { ReportLine } from './companion.ts';

/**
 * What the simulated systems report, as lines of the timeline; only what the engine can't see from its side. Undefined for the rest.
 */
export function hospitalLine(line: ReportLine): FlowEventDraft | undefined {
  switch (line.event) {
    case 'waiting':
      return warning('general', `waits to send: ${line.reason}`, String(line.controlId));
    case 'rejected':
      return warning('general', 'was told to give up a message', String(line.type));
    case 'refused':
      return warning('general', `refused what it got: ${line.reason}`, String(line.type ?? ''));
    case 'day-over':
      return {
        ...{ what: 'day', from: 'general', to: '', tone: 'plain' },
        outcome: `${line.date} is over after ${line.messages} messages; the next day begins`,
      };
    default:
      return undefined;
  }
}

export function televisitLine(line: ReportLine): FlowEventDraft | undefined {
  const reference = String(line.reference ?? '');
  switch (line.event) {
    case 'pulled':
      return {
        ...{ what: reference, from: 'televisit', to: 'record', outcome: 'pulled', tone: 'plain' },
        ...(typeof line.ms === 'number' ? { durationMs: line.ms } : {}),
      };
    case 'pull-failed':
      return warning('televisit', `could not pull: ${line.reason}`, reference);
    case 'gone':
      return warning('televisit', `is not shown it (${line.status})`, reference);
    case 'visit-waits':
      return warning('televisit', `waits to post a visit: ${line.reason}`);
    case 'visit-refused':
      return warning('televisit', `a visit was refused (${line.status})`, reference);
    case 'refused':
      return warning('televisit', `refused a notification: ${line.reason}`);
    default:
      return undefined;
  }
}

const warning = (from: string, outcome: string, what = ''): FlowEventDraft => ({
  what,
  from,
  to: '',
  outcome,
  tone: 'warn',
});
