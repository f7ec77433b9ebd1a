/**
 * HL7 v2 to the record and back (docs/design/mapping.md). One table per segment under segments/, one function per datatype under
 * datatypes/, what a kind of message means under messages/, and the way back under write-back/.
 *
 * It promises: a pure function of the message and the site's declarations; an empty field says nothing, `""` removes; dates keep their
 * precision, decimals their digits, codes their originals; a repeat or a correction is about the same resources; what can't be used is a finding
 * by place and rule. It never does: I/O, look at a clock, drop a result, guess a patient, or put a value into a finding.
 */

export type { Finding, MapOptions, Site } from './context.ts';
export type { GuideDifference } from './guide-difference.ts';
export { guideDifferences } from './guide-differences.ts';
export { isMapped, type Mapped, mapMessage, mapToRecord } from './map-to-record.ts';
export type { IdentityEvent, IdentityPair } from './messages/identity-event.ts';
export { type Table, type TableRow, tables } from './registry.ts';
export type { SiteMapping } from './site/authoring.ts';
export { siteMapping } from './site/check.ts';
export { compileSite } from './site/compile.ts';
export { unmappedOf } from './unmapped.ts';
export { type RegistrationFacts, registrations } from './write-back/adt.ts';
export type { WriteContext, Writer } from './write-back/context.ts';
export { type ChargeFacts, charges } from './write-back/dft.ts';
export { visitCharges } from './write-back/dft-p03.ts';
export { factsOf } from './write-back/facts-of.ts';
export { type Fields, from, fromEach, needed } from './write-back/fields.ts';
export { type DocumentFacts, documents } from './write-back/mdm.ts';
export { visitNote } from './write-back/mdm-t02.ts';
export {
  generalOrders,
  laboratoryOrders,
  type OrderFacts,
  orders,
  type SentOrder,
} from './write-back/orders.ts';
export { type ResultFacts, readings, results, type SentResult } from './write-back/oru-r01.ts';
export { group } from './write-back/parts.ts';
export { each, one, type Profile, profile } from './write-back/profile.ts';
export { type PrescriptionFacts, prescriptions } from './write-back/rde-o11.ts';
export {
  controlIdOf,
  describeProfile,
  type Envelope,
  type RenderedMessage,
  render,
} from './write-back/render.ts';
export { MODIFIER_SYSTEM } from './write-back/segments/ft1.ts';
export { type BookingFacts, bookings } from './write-back/siu.ts';
export { leftOut, type Variation, vary } from './write-back/vary.ts';
export type { VisitFacts } from './write-back/visit.ts';
export { type VaccinationFacts, vaccinations } from './write-back/vxu.ts';
