import type {
  Account,
  Coverage,
  Observation,
  RelatedPerson,
  Resource,
  ServiceRequest,
} from '@medplum/fhirtypes';
import type { RegistrationFacts } from './adt.ts';
import type { ChargeFacts } from './dft.ts';
import type { DocumentFacts } from './mdm.ts';
import type { OrderFacts } from './orders.ts';
import type { ResultFacts } from './oru-r01.ts';
import type { PrescriptionFacts } from './rde-o11.ts';
import type { BookingFacts } from './siu.ts';
import type { VaccinationFacts } from './vxu.ts';

type Type = Resource['resourceType'];
type Of<T extends Type> = Extract<Resource, { resourceType: T }>;

const all = <T extends Type>(resources: readonly Resource[], type: T): Of<T>[] =>
  resources.filter((one): one is Of<T> => one.resourceType === type);

/** Everybody who is named by what they are to a coverage or an account is no next of kin by it. */
function kinOf(resources: readonly Resource[]): RelatedPerson[] {
  const insured = all(resources, 'Coverage').map(({ subscriber }) => subscriber?.reference);
  const vouching = all(resources, 'Account').flatMap(({ guarantor = [] }) =>
    guarantor.map(({ party }) => party.reference),
  );
  const others = new Set([...insured, ...vouching]);
  return all(resources, 'RelatedPerson').filter(({ id }) => !others.has(`RelatedPerson/${id}`));
}

/** In the order of the account, or as they say themselves. */
function coveragesOf(resources: readonly Resource[], account: Account | undefined): Coverage[] {
  const listed = (account?.coverage ?? []).map(({ coverage }) => coverage.reference);
  const at = ({ id, order = 99 }: Coverage): number => {
    const index = listed.indexOf(`Coverage/${id}`);
    return index < 0 ? listed.length + order : index;
  };
  return all(resources, 'Coverage').toSorted((one, other) => at(one) - at(other));
}

/** What every message says of one patient. Undefined when there is none. */
function commonOf(resources: readonly Resource[]) {
  const [patient] = all(resources, 'Patient');
  if (!patient) return undefined;
  const [encounter] = all(resources, 'Encounter');
  const [account] = all(resources, 'Account');
  return {
    patient,
    ...(encounter ? { encounter } : {}),
    ...(account ? { account } : {}),
    relatedPersons: kinOf(resources),
    coverages: coveragesOf(resources, account),
    allergies: all(resources, 'AllergyIntolerance'),
    related: resources,
  };
}

/** Those that no order, report or vaccination speaks of. */
function ownObservations(resources: readonly Resource[]): Observation[] {
  const spoken = new Set(
    [...all(resources, 'DiagnosticReport').flatMap(({ result = [] }) => result)]
      .concat(
        all(resources, 'ServiceRequest').flatMap(({ supportingInfo = [] }) => supportingInfo as never[]),
      )
      .map(({ reference }) => reference),
  );
  return all(resources, 'Observation').filter(
    ({ id, partOf }) => partOf === undefined && !spoken.has(`Observation/${id}`),
  );
}

/**
 * The facts of a profile among the resources of one patient and visit, as the record has them or a message makes them. Undefined when they have
 * none: no patient, no appointment, no document.
 */
export const factsOf = {
  registration(
    resources: readonly Resource[],
    event: RegistrationFacts['event'],
  ): RegistrationFacts | undefined {
    const common = commonOf(resources);
    const [careTeam] = all(resources, 'CareTeam');
    return (
      common && {
        ...common,
        event,
        ...(careTeam ? { careTeam } : {}),
        observations: ownObservations(resources),
        conditions: all(resources, 'Condition'),
        procedures: all(resources, 'Procedure'),
      }
    );
  },
  booking(resources: readonly Resource[], event?: BookingFacts['event']): BookingFacts | undefined {
    const common = commonOf(resources);
    const [appointment] = all(resources, 'Appointment');
    if (!common || !appointment) return undefined;
    return {
      ...common,
      appointment,
      ...(event ? { event } : {}),
      observations: ownObservations(resources),
      conditions: all(resources, 'Condition'),
    };
  },
  orders(resources: readonly Resource[]): OrderFacts | undefined {
    const common = commonOf(resources);
    const requests = all(resources, 'ServiceRequest');
    const charges = all(resources, 'ChargeItem');
    const prescriptions = all(resources, 'MedicationRequest');
    return common && { ...common, charges, prescriptions, orders: requests.map((request) => ({ request })) };
  },
  prescriptions(resources: readonly Resource[]): PrescriptionFacts | undefined {
    const common = commonOf(resources);
    return common && { ...common, prescriptions: all(resources, 'MedicationRequest') };
  },
  results(resources: readonly Resource[]): ResultFacts | undefined {
    const common = commonOf(resources);
    return common && { ...common, results: all(resources, 'DiagnosticReport').map((report) => ({ report })) };
  },
  document(resources: readonly Resource[], event?: DocumentFacts['event']): DocumentFacts | undefined {
    const common = commonOf(resources);
    const notes = all(resources, 'DocumentReference');
    const replaced = new Set(
      notes.flatMap(({ relatesTo = [] }) => relatesTo.map(({ target }) => target.reference)),
    );
    const document = notes.find(({ id }) => !replaced.has(`DocumentReference/${id}`));
    if (!common || !document) return undefined;
    return {
      ...common,
      document,
      ...(event ? { event } : {}),
      orders: ordersOf(resources),
    };
  },
  vaccinations(resources: readonly Resource[]): VaccinationFacts | undefined {
    const common = commonOf(resources);
    const immunizations = all(resources, 'Immunization');
    return common && { ...common, immunizations, observations: ownObservations(resources) };
  },
  charges(resources: readonly Resource[]): ChargeFacts | undefined {
    const common = commonOf(resources);
    return (
      common && {
        ...common,
        charges: all(resources, 'ChargeItem'),
        orders: ordersOf(resources),
        observations: ownObservations(resources),
        conditions: all(resources, 'Condition'),
      }
    );
  },
};

const ordersOf = (resources: readonly Resource[]): { request: ServiceRequest }[] =>
  all(resources, 'ServiceRequest').map((request) => ({ request }));
