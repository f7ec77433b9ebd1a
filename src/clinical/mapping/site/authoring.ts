/**
 * What a site writes its own lines of the mapping with (docs/how-to/map-a-site.md). Plain data, so that it can be judged when a configuration
 * is loaded, compared at a reload, and run where the mapping runs.
 */

export type SiteDatatypeName =
  | 'CWE'
  | 'CX'
  | 'EI'
  | 'XPN'
  | 'XAD'
  | 'XTN'
  | 'XCN'
  | 'XON'
  | 'PL'
  | 'CQ'
  | 'NM'
  | 'ST'
  | 'ID'
  | 'YN'
  | 'DTM'
  | 'DT';

/** A datatype of HL7 v2, read as the FHIR datatype that goes with it. */
export type SiteDatatype = {
  readonly datatype: SiteDatatypeName;
  /** CWE: the table of HL7 whose codes these are when CWE-3 is empty, `0171`. */
  readonly table?: string;
  /** CWE: the coding to be put before the sender's, by the sender's code. ID: the code of FHIR by the sender's. */
  readonly codes?: { readonly [code: string]: SiteCoding | string };
  /** XTN: where the field stands for. */
  readonly use?: 'home' | 'work' | 'mobile';
  /** ST, NM, DTM, DT, ID, YN: only this component of the field. */
  readonly component?: number;
  /** The value goes into this element of an object, beside these. */
  readonly within?: { readonly element: string; readonly beside: { readonly [element: string]: Plain } };
};

export type SiteCoding = { readonly system: string; readonly code: string; readonly display?: string };
export type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain };

/** Which repetitions of a field are taken. */
export type SiteConverter = { readonly take: 'first' | 'each'; readonly of: SiteDatatype };

/** A line: a field, where it goes, and as what. Of the same field and place as one of ours, it stands instead of it. */
export type SiteLine =
  | { readonly field: number; readonly to: string; readonly as: SiteConverter }
  | { readonly field: number; readonly ignored: true };

export type SiteTable = { readonly resource: string; readonly rows: readonly SiteLine[] };

/** Before the mapping: where a field is read from, or what its codes mean. */
export type SiteReading = { readonly from: string } | { readonly codes: { readonly [code: string]: string } };

export type SiteMapping = {
  /** By segment: lines for the resource that we make of it, or tables that name theirs. */
  readonly segments: { readonly [segment: string]: readonly SiteTable[] | readonly SiteLine[] };
  /** By field: `PV1-19`. */
  readonly read: { readonly [field: string]: SiteReading };
};

/**
 * Lines of a site's own beside ours: `extend({ PID: [{ field: 26, to: …, as: each(cwe('0171')) }], ZPI: onto('Patient', [ … ]) })`.
 * `read`: fields that this sender uses otherwise: `{ 'PV1-19': from('ZPV-3'), 'PID-8': codes({ W: 'F' }) }`.
 */
export const extend = (
  segments: { readonly [segment: string]: readonly SiteLine[] | SiteTable | readonly SiteTable[] },
  read: { readonly [field: string]: SiteReading } = {},
): SiteMapping => ({
  segments: Object.fromEntries(
    Object.entries(segments).map(([segment, lines]) => [segment, 'rows' in lines ? [lines] : lines]),
  ),
  read,
});

/** The resource that the lines of a segment go to, where there are several, or where the segment is the site's own. */
export const onto = (resource: string, rows: readonly SiteLine[]): SiteTable => ({ resource, rows });

/** None of our lines of this field, because this sender means something else by it. */
export const ignore = (field: number): SiteLine => ({ field, ignored: true });

/** Where the named field is filled, it is read in place of this one. */
export const from = (field: string): SiteReading => ({ from: field });

/** A sender's own codes, each with the one it stands for. */
export const codes = (table: { readonly [code: string]: string }): SiteReading => ({ codes: table });

/** The first repetition. */
export const first = (of: SiteDatatype): SiteConverter => ({ take: 'first', of });
/** Every repetition, as a list that replaces the list. */
export const each = (of: SiteDatatype): SiteConverter => ({ take: 'each', of });

/** Where an extension goes: `to: extension('http://hospital.example/fhir/ward')`. The kind of its value follows from the datatype. */
export const extension = (url: string): string => `extension[url=${url}]`;

/** CWE, CE, IS: a code with its system. `known` puts a coding before the sender's own, by the sender's code. */
export const cwe = (table?: string, known?: { readonly [code: string]: SiteCoding }): SiteDatatype => ({
  datatype: 'CWE',
  ...(table === undefined ? {} : { table }),
  ...(known === undefined ? {} : { codes: known }),
});
/** A code of a table, as a code of FHIR; one that is not in it is a finding. */
export const id = (table: { readonly [code: string]: string }): SiteDatatype => ({
  datatype: 'ID',
  codes: table,
});
/** A number with its authority. */
export const cx: SiteDatatype = { datatype: 'CX' };
/** A number of an order, a visit or a device. */
export const ei: SiteDatatype = { datatype: 'EI' };
/** A person's name. */
export const xpn: SiteDatatype = { datatype: 'XPN' };
export const xad: SiteDatatype = { datatype: 'XAD' };
/** A telephone number or an address of e-mail. */
export const xtn = (use?: 'home' | 'work' | 'mobile'): SiteDatatype => ({
  datatype: 'XTN',
  ...(use === undefined ? {} : { use }),
});
/** A person with a number: a Practitioner, named in passing. */
export const xcn: SiteDatatype = { datatype: 'XCN' };
/** An Organization, named in passing. */
export const xon: SiteDatatype = { datatype: 'XON' };
/** A Location, named in passing. */
export const pl: SiteDatatype = { datatype: 'PL' };
/** A quantity with its unit. */
export const cq: SiteDatatype = { datatype: 'CQ' };

/** Of the primitive ones a single component may be read: `st(2)`. */
const primitive =
  (datatype: 'ST' | 'NM' | 'YN' | 'DTM' | 'DT') =>
  (component?: number): SiteDatatype => ({ datatype, ...(component === undefined ? {} : { component }) });
/** Text. */
export const st = primitive('ST');
/** A number, with its digits as they were sent. */
export const nm = primitive('NM');
/** Y or N. */
export const yn = primitive('YN');
/** A time, as exact as it was sent. */
export const dtm = primitive('DTM');
/** A date. */
export const dt = primitive('DT');

/** The value as an element of an object: `within('individual', xcn, { type: [{ text: 'case manager' }] })`. */
export const within = (
  element: string,
  of: SiteDatatype,
  beside: { readonly [element: string]: Plain } = {},
): SiteDatatype => ({ ...of, within: { element, beside } });
