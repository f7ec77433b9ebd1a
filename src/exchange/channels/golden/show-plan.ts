import type { Effect, OutgoingDraft, Plan, QueueEntry } from '../../queue/index.ts';
import { contentKind } from '../message/content-type.ts';
import type { RecordRequest } from '../plan/types.ts';

/** What an effect would write, for people; by kind, injected by whoever knows. A record's resources, for example. */
export type ShowEffect = (effect: Effect) => unknown;

/** A plan as plain values that read well and compare well: HL7 v2 as a list of segments, JSON as itself. */
export async function showPlan(
  plan: Plan,
  entry: QueueEntry,
  showEffect: ShowEffect,
): Promise<Record<string, unknown>> {
  if (plan.outcome === 'filtered') return { filtered: plan.reason };
  if (plan.outcome === 'hold') return { held: plan.reason };
  if (plan.outcome === 'park') {
    const { code, place, rule } = plan.error;
    return {
      parked: { code, ...(place === undefined ? {} : { place }), ...(rule === undefined ? {} : { rule }) },
    };
  }
  const destinations: Record<string, unknown[]> = {};
  for (const draft of plan.outgoing) {
    const name = draft.queue.slice(draft.queue.indexOf('>') + 1);
    const shown = showDraft(draft, entry);
    const list = destinations[name];
    if (list) list.push(shown);
    else destinations[name] = [shown];
  }
  const effects: Record<string, unknown[]> = {};
  for (const effect of plan.effects) {
    const shown: unknown = await showEffect(effect);
    const list = effects[effect.kind];
    if (list) list.push(shown);
    else effects[effect.kind] = [shown];
  }
  return { destinations, ...effects };
}

function showDraft(draft: OutgoingDraft, entry: QueueEntry): unknown {
  if (!draft.content) return 'as received';
  return showContent(draft.content, draft.contentType ?? entry.contentType);
}

/** Content for people: segments, a JSON value, text, or base64 of what is none of them. */
function showContent(content: Uint8Array, contentType: string): unknown {
  const kind = contentKind(contentType);
  const text = decode(content);
  if (text === undefined) return { base64: Buffer.from(content).toString('base64') };
  if (kind === 'hl7') return text.split(/\r\n|\r|\n/).filter((line) => line !== '');
  if (kind !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    return { text, notJson: error instanceof SyntaxError };
  }
}

function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Without a better way to show it: which channel asks the record for what, and who is told. */
export function showEffectPlainly(effect: Effect): unknown {
  if (effect.kind !== 'record') return effect.value;
  const { content, contentType, ...request } = effect.value as RecordRequest;
  return { ...request, content: showContent(content, contentType) };
}
