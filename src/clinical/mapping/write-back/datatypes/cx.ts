import type { Identifier } from '@medplum/fhirtypes';
import { IDENTIFIER_TYPES } from '../../datatypes/identifier.ts';
import { components, type WriteContext, type Writer } from '../context.ts';
import { boundary } from './dtm.ts';
import { hdOf } from './hd.ts';

const CHECK_DIGIT = 'http://hl7.org/fhir/StructureDefinition/identifier-checkDigit';
const CHECK_DIGIT_SCHEME = 'http://hl7.org/fhir/StructureDefinition/namingsystem-checkDigit';

/** The code of table 0203, or whatever its type is called. */
export const typeOf = ({ type }: Identifier): string | undefined =>
  (type?.coding?.find(({ system }) => system === IDENTIFIER_TYPES) ?? type?.coding?.[0])?.code ?? type?.text;

/** Check digit and its scheme. */
export const checkDigitsOf = ({
  extension = [],
}: Identifier): readonly [string | undefined, string | undefined] => {
  const text = (url: string) => extension.find((one) => one.url === url)?.valueString;
  return [text(CHECK_DIGIT), text(CHECK_DIGIT_SCHEME)];
};

/** Identifier as CX. */
export const cx: Writer<Identifier> = (identifier, context) => cxOf(identifier, context);

/** The same with a type (0203) where the identifier has none. */
export const cxOfType =
  (type: string): Writer<Identifier> =>
  (identifier, context) =>
    cxOf(identifier, context, type);

function cxOf(identifier: Identifier, context: WriteContext, type?: string) {
  const { value, period } = identifier;
  if (value === undefined) return undefined;
  return components([
    value,
    ...checkDigitsOf(identifier).map((one) => one ?? ''),
    hdOf(identifier, context),
    typeOf(identifier) ?? type,
    '',
    boundary(period?.start, context),
    boundary(period?.end, context),
  ]);
}

/** Identifier as EI: the number, and who gave it in three components. */
export const ei: Writer<Identifier> = (identifier, context) => eiParts(identifier, context);

export function eiParts(identifier: Identifier, context: WriteContext): (string | undefined)[] | undefined {
  const { value } = identifier;
  return value === undefined ? undefined : components([value, ...(hdOf(identifier, context) ?? [])]);
}

/** Identifiers as EIP: the placer's number and the filler's, by their types. */
export const eip =
  (types: { readonly placer: string; readonly filler: string }): Writer<readonly Identifier[]> =>
  (identifiers, context) => {
    const of = (type: string) => {
      const found = identifiers.find((one) => typeOf(one) === type);
      return found && eiParts(found, context);
    };
    return components([of(types.placer), of(types.filler)]);
  };
