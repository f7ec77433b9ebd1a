import {
  dateInterval,
  isKnownResourceType,
  isResourceId,
  patientCompartment,
} from '../../../standards/fhir/index.ts';
import { isShared } from '../../../trust/access/index.ts';
import { type Asked, invalid } from '../../fhir/index.ts';
import { filterQuery } from '../run/filters.ts';
import type { Remark, Wanted } from '../types.ts';

export interface WantedOptions {
  readonly level: Wanted['level'];
  readonly group?: string;
  readonly isPost: boolean;
  /** `Prefer: handling=lenient`: what is not supported is left out with a remark, not refused. */
  readonly lenient: boolean;
  readonly now: Date;
}

interface Result {
  readonly wanted: Wanted;
  readonly remarks: readonly Remark[];
}

/** Gathers what is wanted, parameter by parameter. */
interface Draft extends WantedOptions {
  types: string[] | undefined;
  since: string | undefined;
  readonly elements: { type?: string; element: string }[];
  readonly filters: { type: string; query: string }[];
  readonly patients: string[];
  readonly remarks: Remark[];
  /** Throws INVALID_REQUEST unless handling is lenient. */
  readonly leaveOut: (place: string, rule: string) => void;
}

/**
 * The parameters of a kick-off (Bulk Data 2.0.0, "Query Parameters"). Throws INVALID_REQUEST for a value that is none of its kind, SearchError for
 * a `_typeFilter` that is no search, and in strict handling for what is not supported.
 */
export function wantedOf(asked: readonly Asked[], options: WantedOptions): Result {
  const remarks: Remark[] = [];
  const draft: Draft = {
    ...options,
    ...{ types: undefined, since: undefined, elements: [], filters: [], patients: [], remarks },
    leaveOut(place, rule) {
      if (!options.lenient) throw invalid(place, rule);
      remarks.push({ place, rule: `ignored: ${rule}` });
    },
  };
  for (const one of asked) (handlers.get(one.name) ?? unsupported)(draft, one);
  checkTypes(draft);
  const { level, group, types, since, elements, filters, patients } = draft;
  return {
    remarks,
    wanted: {
      level,
      ...(group === undefined ? {} : { group }),
      ...(types ? { types: [...new Set(types)] } : {}),
      ...(since === undefined ? {} : { since }),
      ...(elements.length === 0 ? {} : { elements }),
      ...(filters.length === 0 ? {} : { filters }),
      ...(patients.length === 0 ? {} : { patients: [...new Set(patients)] }),
    },
  };
}

type Handler = (draft: Draft, asked: Asked) => void;

const nothing: Handler = () => undefined;

const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['_outputFormat', outputFormat],
  ['_since', since],
  ['_type', types],
  ['_elements', elements],
  ['_typeFilter', typeFilter],
  ['patient', patient],
  ['_format', nothing],
  ['_pretty', nothing],
]);

const unsupported: Handler = ({ leaveOut }, { name }) =>
  leaveOut(/^[_A-Za-z]\w{0,63}$/.test(name) ? name : 'query', 'this parameter is not supported by exports');

const FORMATS: ReadonlySet<string> = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);

function outputFormat(_draft: Draft, { value }: Asked): void {
  // A `+` in a query is a blank after decoding.
  if (!FORMATS.has(value.trim().replace(' ', '+')))
    throw invalid('_outputFormat', 'application/fhir+ndjson, application/ndjson or ndjson');
}

function since(draft: Draft, { value }: Asked): void {
  // A `+` in a query is a blank after decoding.
  const text = value.replace(' ', '+');
  const isInstant = /T.*(Z|[+-]\d{2}:\d{2})$/.test(text);
  const interval = isInstant ? dateInterval(text) : undefined;
  if (!interval || draft.since !== undefined) throw invalid('_since', 'one instant, with an offset');
  draft.since = interval.from.toISOString();
}

function types(draft: Draft, { value }: Asked): void {
  draft.types ??= [];
  for (const type of itemsOf('_type', value)) {
    if (!isKnownResourceType(type)) draft.leaveOut('_type', 'types of resources of R4');
    else if (draft.level !== 'system' && !isOfPatients(type))
      draft.leaveOut('_type', 'types of a patient compartment, or of no patient');
    else draft.types.push(type);
  }
}

const isOfPatients = (type: string): boolean =>
  type === 'Patient' || type === 'Device' || isShared(type) || patientCompartment(type).length > 0;

function elements({ elements: found }: Draft, { value }: Asked): void {
  for (const item of itemsOf('_elements', value)) {
    const [, type, element] = /^(?:([A-Z][A-Za-z]+)\.)?([a-z][A-Za-z]*)$/.exec(item) ?? [];
    if (element === undefined || (type !== undefined && !isKnownResourceType(type)))
      throw invalid('_elements', 'top elements of resources, as status or Patient.name');
    found.push({ element, ...(type === undefined ? {} : { type }) });
  }
}

/** They are about the answer of a search, which there is not. */
const OF_ANSWERS =
  /^_(sort|count|include|revinclude|summary|elements|total|contained|containedType|format|pretty)\b/;

function typeFilter(draft: Draft, { value }: Asked): void {
  // Commas part the queries; within one they mean "or".
  for (const filter of value.split(/,(?=[A-Z][A-Za-z]*\?)/)) {
    const at = filter.indexOf('?');
    const type = filter.slice(0, at);
    const query = filter.slice(at + 1);
    if (at === -1 || !isKnownResourceType(type))
      throw invalid('_typeFilter', 'a search, as Type?parameter=value');
    if ([...new URLSearchParams(query).keys()].some((name) => OF_ANSWERS.test(name)))
      throw invalid('_typeFilter', 'conditions of a search, and nothing about its answer');
    filterQuery(type, query, draft.now);
    draft.filters.push({ type, query });
  }
}

const MAX_PATIENTS = 10_000;

function patient(draft: Draft, { value, isReference }: Asked): void {
  if (!draft.isPost || draft.level === 'system') {
    draft.leaveOut('patient', 'only in the Parameters of an export of patients or of a Group');
    return;
  }
  const [, id] = /^Patient\/([^/]+)$/.exec(value) ?? [];
  if (!isReference || id === undefined || !isResourceId(id))
    throw invalid('patient', 'a reference Patient/id');
  if (draft.patients.length >= MAX_PATIENTS) throw invalid('patient', `at most ${MAX_PATIENTS}`);
  draft.patients.push(id);
}

function checkTypes({ types: asked, filters }: Draft): void {
  if (asked && asked.length === 0) throw invalid('_type', 'a type that can be exported');
  if (filters.some(({ type }) => asked && !asked.includes(type)))
    throw invalid('_typeFilter', 'searches of the types in _type');
}

function itemsOf(place: string, value: string): string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.includes('')) throw invalid(place, 'names, parted by commas');
  return items;
}
