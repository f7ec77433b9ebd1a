import { isUtf8 } from 'node:buffer';
import type { Reference, Resource } from '@medplum/fhirtypes';
import {
  bookings,
  charges,
  documents,
  type Envelope,
  factsOf,
  generalOrders,
  isMapped,
  laboratoryOrders,
  type MapOptions,
  mapMessage,
  orders,
  prescriptions,
  type RenderedMessage,
  registrations,
  render,
  results,
  vaccinations,
} from '../../../../src/clinical/mapping/index.ts';
import { previewWrites } from '../../../../src/clinical/record/index.ts';
import { Hl7Error, type Hl7Message, parseMessage } from '../../../../src/standards/hl7v2/index.ts';
import { corpusFiles } from '../../corpora.ts';
import { messagesIn } from '../../hl7v2-messages.ts';

const SYSTEM = 'conformance';
export const options: MapOptions = {
  system: SYSTEM,
  zone: 'UTC',
  receivedAt: new Date('2026-11-20T00:00:00Z'),
};

/** A message of the collections. */
export interface Sent {
  readonly name: string;
  readonly message: Hl7Message;
}

/** Every message of a type that is mapped. */
export function* corpusMessages(): Generator<Sent> {
  for (const file of corpusFiles('hl7v2-')) {
    for (const [index, bytes] of (messagesIn(file)?.messages ?? []).entries()) {
      const message = parsed(bytes);
      if (message && isMapped(message.type))
        yield { name: `${file.collection}/${file.path}#${index + 1}`, message };
    }
  }
}

function parsed(bytes: Uint8Array): Hl7Message | undefined {
  try {
    return parseMessage(bytes, { defaultCharset: isUtf8(bytes) ? 'UNICODE UTF-8' : '8859/1' });
  } catch (error) {
    // Other tests are about messages that can't be read.
    if (error instanceof Hl7Error) return undefined;
    throw error;
  }
}

/** What a message makes of an empty record. */
export const resourcesOf = (message: Hl7Message): Resource[] =>
  previewWrites(mapMessage(message, options).writes) as unknown as Resource[];

type Write = (resources: readonly Resource[], message: Hl7Message) => RenderedMessage | undefined;

function envelopeOf(message: Hl7Message): Envelope {
  const at = Date.parse(
    message.header.dateTime.replace(
      /^(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?.*$/,
      (_, year: string, month = '01', day = '01', hour = '00', minute = '00', second = '00') =>
        `${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
    ),
  );
  return {
    at: Number.isNaN(at) ? options.receivedAt : new Date(at),
    system: SYSTEM,
    sender: { application: 'ISTHMUS', facility: 'HUB' },
    receiver: { application: 'OTHER', facility: 'OTHER' },
    idempotencyKey: message.header.controlId,
  };
}

/** The profile that writes each type back. */
const writers: Readonly<Record<string, Write>> = {
  ADT: (resources, message) => {
    const facts = factsOf.registration(resources, message.header.triggerEvent as `A${number}`);
    return facts && render(registrations, facts, envelopeOf(message));
  },
  SIU: (resources, message) => {
    const facts = factsOf.booking(resources, message.header.triggerEvent as `S${number}`);
    return facts && render(bookings, facts, envelopeOf(message));
  },
  OML: (resources, message) => {
    const facts = factsOf.orders(resources);
    return facts && render(laboratoryOrders, facts, envelopeOf(message));
  },
  OMG: (resources, message) => {
    const facts = factsOf.orders(resources);
    return facts && render(generalOrders, facts, envelopeOf(message));
  },
  ORM: (resources, message) => {
    const facts = factsOf.orders(resources);
    return facts && render(orders, facts, envelopeOf(message));
  },
  RDE: (resources, message) => {
    const facts = factsOf.prescriptions(resources);
    return facts && render(prescriptions, facts, envelopeOf(message));
  },
  ORU: (resources, message) => {
    const facts = factsOf.results(resources);
    return facts && render(results, facts, envelopeOf(message));
  },
  MDM: (resources, message) => {
    const facts = factsOf.document(resources, message.header.triggerEvent as `T${number}`);
    return facts && render(documents, facts, envelopeOf(message));
  },
  VXU: (resources, message) => {
    const facts = factsOf.vaccinations(resources);
    return facts && render(vaccinations, facts, envelopeOf(message));
  },
  DFT: (resources, message) => {
    const facts = factsOf.charges(resources);
    return facts && render(charges, facts, envelopeOf(message));
  },
};

export interface Trip {
  readonly before: readonly Resource[];
  readonly after: readonly Resource[];
  readonly refused?: Hl7Error;
  readonly bodies: readonly Uint8Array[];
}

/** What is said of one patient, and who and what is named in passing. */
function ofPatient(resources: readonly Resource[], patient: Resource): Resource[] {
  const self = `Patient/${patient.id}`;
  return resources.filter((resource) => {
    if (resource.resourceType === 'Patient') return resource === patient;
    const { subject, patient: whose, beneficiary } = resource as object as Whose;
    const about = [subject ?? whose ?? beneficiary].flat()[0]?.reference;
    return about === undefined || about === self;
  });
}
interface Whose {
  readonly subject?: Reference | Reference[];
  readonly patient?: Reference;
  readonly beneficiary?: Reference;
}

/** Maps, writes back, a message for each patient, and maps again. Undefined for a type that no profile writes. */
export function tripOf(message: Hl7Message): Trip | undefined {
  const write = writers[message.header.messageCode];
  if (!write) return undefined;
  const before = resourcesOf(message);
  const bodies: Uint8Array[] = [];
  try {
    for (const patient of before.filter(({ resourceType }) => resourceType === 'Patient')) {
      const rendered = write(ofPatient(before, patient), message);
      if (rendered) bodies.push(rendered.body);
    }
    const writes = bodies.flatMap((body) => mapMessage(parseMessage(body), options).writes);
    return { before, after: previewWrites(writes) as unknown as Resource[], bodies };
  } catch (error) {
    if (error instanceof Hl7Error) return { before, after: [], refused: error, bodies };
    throw error;
  }
}
