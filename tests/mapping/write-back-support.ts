import type { Resource } from '@medplum/fhirtypes';
import {
  type Envelope,
  mapMessage,
  type Profile,
  type RenderedMessage,
  render,
} from '../../src/clinical/mapping/index.ts';
import { previewWrites } from '../../src/clinical/record/index.ts';
import { type Hl7Message, parseMessage } from '../../src/standards/hl7v2/index.ts';
import { options } from './messages.ts';

export const envelope: Envelope = {
  at: new Date('2026-03-03T15:45:00Z'),
  system: options.system,
  sender: { application: 'ISTHMUS', facility: 'HUB' },
  receiver: { application: 'REGADT', facility: 'GENERAL' },
  idempotencyKey: 'event-1',
};

type Of<T extends Resource['resourceType']> = Extract<Resource, { resourceType: T }>;

/** What a message makes of an empty record. */
export class Chart {
  readonly resources: readonly Resource[];

  constructor(message: Hl7Message) {
    this.resources = previewWrites(mapMessage(message, options).writes) as unknown as Resource[];
  }

  all<T extends Resource['resourceType']>(type: T): Of<T>[] {
    return this.resources.filter((one): one is Of<T> => one.resourceType === type);
  }

  one<T extends Resource['resourceType']>(type: T): Of<T> {
    const [found] = this.all(type);
    if (!found) throw new Error(`no ${type}`);
    return found;
  }
}

export const written = <Facts extends { readonly related?: readonly Resource[] }>(
  profile: Profile<Facts>,
  facts: Facts,
  parts: Partial<Envelope> = {},
): RenderedMessage & { readonly message: Hl7Message } => {
  const rendered = render(profile, facts, { ...envelope, ...parts });
  return { ...rendered, message: parseMessage(rendered.body) };
};

/** By type and id, without what only says when. */
export const byId = (resources: readonly Resource[]): Record<string, unknown> =>
  Object.fromEntries(resources.map(({ ...one }) => [`${one.resourceType}/${one.id}`, one]));
