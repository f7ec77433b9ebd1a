import type { CodeableConcept, Immunization } from '@medplum/fhirtypes';
import { type Datatype, first } from '../convert.ts';
import { cwe, withCoding } from '../datatypes/cwe.ts';
import type { SegmentMap } from '../segment-map.ts';
import { type CodeTable, codeTable } from '../tables.ts';

const V3 = 'http://terminology.hl7.org/CodeSystem';

/** A code of the field's own table with FHIR's code for it put first. */
const translated =
  (table: string, codes: CodeTable, system: string): Datatype<CodeableConcept> =>
  (value, context) => {
    const concept = cwe(table)(value, context);
    const code = codes[value.text.trim().toUpperCase()];
    return concept && code ? withCoding(concept, { system, code }) : concept;
  };

/** 0162 Route of administration (guide, RouteOfAdministration). */
export const route = translated(
  '0162',
  codeTable({ ID: 'IDINJ', IM: 'IM', IV: 'IVINJ', PO: 'PO', SC: 'SQ', TD: 'TRNSDERM' }),
  `${V3}/v3-RouteOfAdministration`,
);
/** 0163 Body site (guide, BodyParts). */
export const site = translated('0163', codeTable({ LA: 'LA', RA: 'RA' }), `${V3}/v3-ActSite`);
/** 0165 Administration method (guide, AdministrationMethod). */
export const method = translated(
  '0165',
  codeTable({
    CH: '419747000',
    DI: '421682005',
    IS: '421257003',
    SH: '420606003',
    WA: '422152000',
  }),
  'http://snomed.info/sct',
);

/** RXR → Immunization (v2-to-FHIR guide, RXR[Immunization]). */
export const rxrImmunization: SegmentMap<Immunization> = {
  segment: 'RXR',
  resource: 'Immunization',
  rows: [
    { field: 1, to: 'route', as: first(route) },
    { field: 2, to: 'site', as: first(site) },
  ],
  elsewhere: [],
};
