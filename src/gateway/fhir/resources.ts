/**
 * What is served: routes, search and CapabilityStatement follow from this table alone.
 */
type ParameterKind = 'id' | 'token' | 'reference' | 'patient' | 'date' | 'lastUpdated';

export interface ServedParameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** Its type in the CapabilityStatement. */
  readonly type: 'token' | 'reference' | 'date';
}

export interface ServedResource {
  readonly type: string;
  readonly parameters: readonly ServedParameter[];
}

const parameter = (name: string, kind: ParameterKind, type: ServedParameter['type']): ServedParameter => ({
  name,
  kind,
  type,
});

const always = [parameter('_id', 'id', 'token'), parameter('_lastUpdated', 'lastUpdated', 'date')];
const identifier = parameter('identifier', 'token', 'token');
const patient = parameter('patient', 'patient', 'reference');
const subject = parameter('subject', 'patient', 'reference');
const code = parameter('code', 'token', 'token');
const category = parameter('category', 'token', 'token');
const encounter = parameter('encounter', 'reference', 'reference');
const date = (name = 'date') => parameter(name, 'date', 'date');

const served = (type: string, ...parameters: ServedParameter[]): ServedResource => ({
  type,
  parameters: [...always, ...parameters],
});

export const resources: ReadonlyMap<string, ServedResource> = new Map(
  [
    served('Appointment', identifier, patient, date()),
    served('ChargeItem', identifier, patient, subject, code, date('occurrence')),
    served('Condition', identifier, patient, subject, code, category, encounter, date('recorded-date')),
    served('DiagnosticReport', identifier, patient, subject, code, category, encounter, date()),
    served('DocumentReference', identifier, patient, subject, category, date()),
    served('Encounter', identifier, patient, subject, date()),
    served('Observation', identifier, patient, subject, code, category, encounter, date()),
    served('Patient', identifier, date('birthdate')),
  ].map((resource) => [resource.type, resource]),
);
