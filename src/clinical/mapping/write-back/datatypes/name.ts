import type { Extension, HumanName, Practitioner } from '@medplum/fhirtypes';
import type { ComponentValue } from '../../../../standards/hl7v2/index.ts';
import { nameUse } from '../../tables.ts';
import { components, leaveOut, type WriteContext, type Writer } from '../context.ts';
import { boundary } from './dtm.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';
const FAMILY_PARTS = ['own-prefix', 'own-name', 'partner-prefix', 'partner-name'] as const;
const DEGREES_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v2-0360';

/** Table 0360, what stands in the component of the degree; other suffixes are of the name. */
const DEGREES: ReadonlySet<string> = new Set(
  'MD DO PHD RN NP PA PAC PHARMD DDS DMD DVM MBA MPH MS MSN BS BSN BA MA JD CNM CNS CRNA APRN LPN OD DPM DC PSYD LCSW'.split(
    ' ',
  ),
);

/** Table 0200, the plainest code for each use. */
const TYPES: Readonly<Record<string, string>> = {
  official: 'L',
  usual: 'D',
  maiden: 'M',
  anonymous: 'S',
  nickname: 'N',
  temp: 'TEMP',
  old: 'BAD',
};

/** The parts of a name as XPN and XCN arrange them. */
export interface NameParts {
  readonly family: ComponentValue;
  readonly given: string | undefined;
  readonly others: string | undefined;
  readonly suffix: string | undefined;
  readonly prefix: string | undefined;
  readonly degree: string | undefined;
  /** The third component for suffixes, of professions. */
  readonly professional: string | undefined;
  readonly type: string | undefined;
  readonly order: string | undefined;
  readonly start: string | undefined;
  readonly end: string | undefined;
}

export function namePartsOf(
  name: HumanName,
  context: WriteContext,
  isDegree: (suffix: string) => boolean = (suffix) =>
    DEGREES.has(suffix.replaceAll(/[.\s-]/g, '').toUpperCase()),
): NameParts {
  const [given, ...others] = name.given ?? [];
  const [suffix, degree, professional] = suffixesOf(name.suffix ?? [], isDegree);
  const type = name.use && TYPES[name.use];
  if (type !== undefined && nameUse[type] !== name.use)
    leaveOut(context, 'table 0200 has a code for the use of a name');
  return {
    family: familyOf(name),
    given,
    others: joined(others),
    suffix,
    prefix: joined(name.prefix),
    degree,
    professional,
    type,
    order: name.extension?.find(({ url }) => url === `${FHIR}/humanname-assembly-order`)?.valueCode,
    start: boundary(name.period?.start, context),
    end: boundary(name.period?.end, context),
  };
}

/** In the order in which they are read: suffix, degree, suffixes of professions. */
function suffixesOf(all: readonly string[], isDegree: (text: string) => boolean): (string | undefined)[] {
  const [first, second, ...rest] = all;
  if (first === undefined) return [];
  if (second === undefined) return isDegree(first) ? [undefined, first] : [first];
  return [first, second, joined(rest)];
}

const joined = (texts: readonly string[] | undefined): string | undefined =>
  texts && texts.length > 0 ? texts.join(' ') : undefined;

/** FN: the family name, and its parts where they are told apart. */
function familyOf(
  name: HumanName & { readonly _family?: { readonly extension?: Extension[] } },
): ComponentValue {
  const parts = FAMILY_PARTS.map(
    (part) =>
      name._family?.extension?.find(({ url }) => url === `${FHIR}/humanname-${part}`)?.valueString ?? '',
  );
  return components([name.family ?? '', ...parts]);
}

/** HumanName as XPN. Given names after the second are one, because XPN has two components for them. */
export const xpn: Writer<HumanName> = (name, context) => {
  const parts = namePartsOf(name, context);
  if (!name.family && !parts.given && !parts.prefix && !name.suffix?.length)
    return name.text === undefined ? undefined : [name.text];
  return components([
    parts.family,
    parts.given,
    parts.others,
    parts.suffix,
    parts.prefix,
    parts.degree,
    parts.type,
    '',
    '',
    '',
    parts.order,
    parts.start,
    parts.end,
    parts.professional,
  ]);
};

/** PID-5 is required: a name of no declared use is the legal one, and a name that nobody gave is unknown (table 0200 U). */
export const legalName: Writer<HumanName | undefined> = (name, context) => {
  if (!name) return ['', '', '', '', '', '', 'U'];
  return xpn({ use: 'official', ...name }, context);
};

/** A degree that is a qualification of the practitioner is one in the name as well. */
export const isDegreeOf = ({ qualification = [] }: Practitioner): ((suffix: string) => boolean) => {
  const codes = qualification.flatMap(({ code }) => code?.coding ?? []);
  const degrees = codes.filter(({ system }) => system === DEGREES_SYSTEM).map(({ code }) => code);
  return (suffix) => degrees.includes(suffix);
};
