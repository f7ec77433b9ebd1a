import type {
  Annotation,
  Immunization,
  ImmunizationPerformer,
  Location,
  Reference,
} from '@medplum/fhirtypes';
import type { ComponentValue, FieldValue, RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { repeat } from '../../../../standards/hl7v2/index.ts';
import { components, resolve, type WriteContext, type Writer } from '../context.ts';
import { asSent, cwe } from '../datatypes/cwe.ts';
import { ei, eip } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xcnOf } from '../datatypes/person.ts';
import { levelsOf } from '../datatypes/pl.ts';
import { nm, unit } from '../datatypes/quantity.ts';
import { type Fields, from, fromEach, needed } from '../fields.ts';
import { producer } from './obx.ts';
import { fillerOf, placerOf } from './order-numbers.ts';

/** What ORC-3 holds where nothing was given (CDC immunization guide 1.5, ORC-3). */
const NO_NUMBER = '9999';

const isOf = ({ function: role }: ImmunizationPerformer, code: string): boolean =>
  (role?.coding ?? []).some((coding) => coding.code === code);
const performers =
  (field: string, fits: (one: ImmunizationPerformer) => boolean) =>
  ({ performer }: Immunization): Reference[] =>
    ofField(performer, field, fits).map(({ actor }) => actor);

function filler({ identifier, status }: Immunization, context: WriteContext): RepetitionValue {
  const number = fillerOf(identifier);
  return number ? ei(number, context) : status === 'not-done' ? NO_NUMBER : undefined;
}

/** ORC of a vaccination (2.5.1, 4.5.1): ORC-9 is when it was recorded. */
export const vaccinationOrder: Fields<Immunization> = {
  1: 'RE',
  2: from('Immunization.identifier of the placer', ({ identifier }) => placerOf(identifier), ei),
  3: { from: 'Immunization.identifier of the filler', write: filler },
  4: from(
    'Immunization.identifier of the group',
    ({ identifier }) => ofField(identifier, 'ORC-4'),
    eip({ placer: 'PGN', filler: 'FGN' }),
  ),
  9: from('Immunization.recorded', ({ recorded }) => recorded, dtm),
  12: fromEach(
    'Immunization.performer who ordered',
    performers('ORC-12', (one) => isOf(one, 'OP')),
    xcnOf,
  ),
};

function originOf({ primarySource, reportOrigin }: Immunization): RepetitionValue {
  const [sent] = reportOrigin?.coding ?? [];
  if (sent?.code !== undefined)
    return components([sent.code, sent.display, sent.system?.endsWith('/v2-NIP001') ? undefined : 'NIP001']);
  return primarySource === true ? ['00', '', 'NIP001'] : undefined;
}

/** RXA-9 (NIP001): by who gave it, or by hearsay of some kind; remarks are words. */
function source(immunization: Immunization): FieldValue {
  const origin = originOf(immunization);
  const remarks = ofField<Annotation>(immunization.note, 'RXA-9').map(
    ({ text }): RepetitionValue => ['', text],
  );
  const all = [...(origin === undefined ? [] : [origin]), ...remarks];
  return all.length === 0 ? undefined : repeat(...all);
}

/** LA2: where, with its address. */
const place: Writer<Reference> = (reference, context) => {
  const location = resolve(context, reference, 'Location');
  if (!location) return undefined;
  const { poc, ro, bd, si, bu, lvl } = levelsOf(location, context);
  return components<ComponentValue>([poc, ro, bd, si, undefined, undefined, bu, lvl, ...addressOf(location)]);
};

function addressOf({ address: { line = [], city, state, postalCode, country } = {} }: Location) {
  return [line[0], line[1], city, state, postalCode, country];
}

/** RXA-6: 999 where nobody knows how much. */
const dose = ({ doseQuantity }: Immunization): string => nm(doseQuantity?.value) ?? '999';

/** 0322: not given, and whether somebody refused. */
function completion({ status, statusReason, isSubpotent }: Immunization): string | undefined {
  if (status === 'not-done') return statusReason ? 'RE' : 'NA';
  if (status !== 'completed') return undefined;
  return isSubpotent ? 'PA' : 'CP';
}

/** RXA from the Immunization (2.5.1, 4.14.7). */
export const rxa: Fields<Immunization> = {
  1: 0,
  2: 1,
  3: needed(from('Immunization.occurrence[x]', ({ occurrenceDateTime }) => occurrenceDateTime, dtm)),
  4: from('Immunization.occurrence[x]', ({ occurrenceDateTime }) => occurrenceDateTime, dtm),
  5: needed(from('Immunization.vaccineCode', ({ vaccineCode }) => vaccineCode, cwe)),
  6: { from: 'Immunization.doseQuantity', write: dose },
  7: from('Immunization.doseQuantity.unit', ({ doseQuantity }) => doseQuantity, unit),
  9: { from: 'Immunization.primarySource, reportOrigin, note', write: source },
  10: fromEach(
    'Immunization.performer who gave it',
    performers('RXA-10', (one) => !isOf(one, 'OP')),
    xcnOf,
  ),
  11: from('Immunization.location', ({ location }) => location, place),
  15: from(
    'Immunization.lotNumber',
    ({ lotNumber }) => lotNumber,
    (text) => text,
  ),
  16: from('Immunization.expirationDate', ({ expirationDate }) => expirationDate, dtm),
  17: from('Immunization.manufacturer', ({ manufacturer }) => manufacturer, producer),
  18: from('Immunization.statusReason', ({ statusReason }) => statusReason, cwe),
  19: fromEach('Immunization.reasonCode', ({ reasonCode }) => reasonCode, cwe),
  20: { from: 'Immunization.status, isSubpotent', write: completion },
  21: { from: 'Immunization.status', write: ({ status }) => (status === 'entered-in-error' ? 'D' : 'A') },
};

const ROUTE = 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration';
const SITE = 'http://terminology.hl7.org/CodeSystem/v3-ActSite';

/** RXR from the Immunization. */
export const vaccinationRoute: Fields<Immunization> = {
  1: from('Immunization.route', ({ route }) => route && asSent(route, [ROUTE]), cwe),
  2: from('Immunization.site', ({ site }) => site && asSent(site, [SITE]), cwe),
};
