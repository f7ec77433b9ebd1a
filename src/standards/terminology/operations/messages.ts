/**
 * What is said of codes: the texts that FHIR validators know, so that clients that look for them find them, with the code of
 * http://hl7.org/fhir/tools/CodeSystem/tx-issue-type and R4's issue type.
 */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'information';
  readonly type: string;
  readonly detail: string;
  /** Name of the message in FHIR's own catalogue. */
  readonly id: string;
  readonly text: string;
  readonly place?: string;
  /** Told among the issues, but no part of the summary; by default so for information. */
  readonly isAside?: boolean;
}

type Text = Pick<Issue, 'id' | 'text'>;

export const shownCode = (
  system: string | undefined,
  version: string | undefined,
  code: string,
  display?: string,
): string =>
  `${system ?? ''}${version === undefined ? '' : `|${version}`}#${code}${display === undefined ? '' : ` ('${display}')`}`;

const listed = (versions: readonly string[]): string =>
  versions.length <= 1 ? versions.join('') : `${versions.slice(0, -1).join(', ')} or ${versions.at(-1)}`;

export const notInValueSet = (shown: string, valueSet: string): Text => ({
  id: 'None_of_the_provided_codes_are_in_the_value_set_one',
  text: `The provided code '${shown}' was not found in the value set '${valueSet}'`,
});

export const noCodingInValueSet = (valueSet: string): Text => ({
  id: 'TX_GENERAL_CC_ERROR_MESSAGE',
  text: `No valid coding was found for the value set '${valueSet}'`,
});

export const unknownCode = (code: string, system: string, version: string | undefined): Text =>
  version === undefined
    ? { id: 'Unknown_Code_in', text: `Unknown code '${code}' in the CodeSystem '${system}'` }
    : {
        id: 'Unknown_Code_in_Version',
        text: `Unknown code '${code}' in the CodeSystem '${system}' version '${version}'`,
      };

export const unknownInFragment = (code: string, system: string, version: string | undefined): Text => ({
  id: 'UNKNOWN_CODE_IN_FRAGMENT',
  text: `Unknown Code '${code}' in the CodeSystem '${system}'${version === undefined ? '' : ` version '${version}'`} - note that the code system is labeled as a fragment, so the code may be valid in some other fragment`,
});

type Purpose = 'code' | 'expansion';

const PURPOSES = {
  code: { text: 'so the code cannot be validated', suffix: '' },
  expansion: { text: 'so the value set cannot be expanded', suffix: '_EXP' },
} as const;

/** Of a version that is asked for, `known` are those there are. */
export function unknownSystem(
  {
    url,
    version,
    known,
  }: { readonly url: string; readonly version?: string | undefined; readonly known: readonly string[] },
  purpose: Purpose,
): Text {
  const { text, suffix } = PURPOSES[purpose];
  if (version === undefined)
    return {
      id: `UNKNOWN_CODESYSTEM${suffix}`,
      text: `A definition for CodeSystem '${url}' could not be found, ${text}`,
    };
  const head = `A definition for CodeSystem '${url}' version '${version}' could not be found, ${text}. `;
  return known.length === 0
    ? {
        id: `UNKNOWN_CODESYSTEM_VERSION${suffix}_NONE`,
        text: `${head}No versions of this code system are known`,
      }
    : { id: `UNKNOWN_CODESYSTEM_VERSION${suffix}`, text: `${head}Valid versions: ${listed(known)}` };
}

export const withheldCodes = (url: string, valueSet: string): Text => ({
  id: 'CODES_WITHHELD',
  text: `The value set '${valueSet}' lists codes of '${url}', which are not carried along for their licence: load the value set`,
});

export const onlyAPart = (url: string): Text => ({
  id: 'CODESYSTEM_FRAGMENT',
  text: `Only a part of the CodeSystem '${url}' is known, so it cannot be told whether its other codes meet the value set's filter`,
});

export const unknownValueSet = (canonical: string): Text => ({
  id: 'Unable_to_resolve_value_Set_',
  text: `A definition for the value Set '${canonical}' could not be found`,
});

export const isInactive = (code: string): Text => ({
  id: 'STATUS_CODE_WARNING_CODE',
  text: `The concept '${code}' is valid but is not active`,
});

export const inactiveConcept = (code: string, status: string): Text => ({
  id: 'INACTIVE_CONCEPT_FOUND',
  text: `The concept '${code}' has a status of ${status} and its use should be reviewed`,
});

export const isAbstract = (shown: string): Text => ({
  id: 'ABSTRACT_CODE_NOT_ALLOWED',
  text: `Code '${shown}' is abstract, and not allowed in this context`,
});

export const noSystem: Text = {
  id: 'Coding_has_no_system__cannot_validate',
  text: 'Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided',
};

export const relativeSystem = (place: string): Text => ({
  id: 'Terminology_TX_System_Relative',
  text: `${place} must be an absolute reference, not a local reference`,
});

export const systemIsValueSet = (system: string): Text => ({
  id: 'Terminology_TX_System_ValueSet2',
  text: `The Coding references a value set, not a code system ('${system}')`,
});

export const differentCase = (code: string, right: string, system: string): Text => ({
  id: 'CODE_CASE_DIFFERENCE',
  text: `The code '${code}' differs from the correct code '${right}' by case. Although the code system '${system}' is case insensitive, implementers are strongly encouraged to use the correct case anyway`,
});

export const cannotInfer = (code: string, valueSet: string, systems: readonly string[]): Text => ({
  id: 'UNABLE_TO_INFER_CODESYSTEM',
  text: `The System URI could not be determined for the code '${code}' in the ValueSet '${valueSet}': it is in none of [${systems.join(', ')}]`,
});

export const ambiguousSystem = (code: string, valueSet: string, systems: readonly string[]): Text => ({
  id: 'Unable_to_resolve_system__value_set_has_multiple_matches',
  text: `The System URI could not be determined for the code '${code}' in the ValueSet '${valueSet}': value set expansion has multiple matches: [${systems.join(', ')}]`,
});

export const versionNotAllowed = (version: string, system: string, required: string): Text => ({
  id: 'VALUESET_VERSION_CHECK',
  text: `The version '${version}' is not allowed for system '${system}': required to be '${required}' by a version-check parameter`,
});

export const versionMismatch = (system: string, inSet: string, inValue: string): Text => ({
  id: 'VALUESET_VALUE_MISMATCH',
  text: `The code system '${system}' version '${inSet}' in the ValueSet include is different to the one in the value ('${inValue}')`,
});

export const versionMismatchDefault = (system: string, used: string, inValue: string): Text => ({
  id: 'VALUESET_VALUE_MISMATCH_DEFAULT',
  text: `The code system '${system}' version '${used}' for the versionless include in the ValueSet include is different to the one in the value ('${inValue}')`,
});

export const versionMismatchChanged = (
  system: string,
  used: string,
  inSet: string,
  inValue: string,
): Text => ({
  id: 'VALUESET_VALUE_MISMATCH_CHANGED',
  text: `The code system '${system}' version '${used}' resulting from the version '${inSet}' in the ValueSet include is different to the one in the value ('${inValue}')`,
});

export const missingSupplement = (canonical: string): Text => ({
  id: 'VALUESET_SUPPLEMENT_MISSING',
  text: `Required supplement not found: ${canonical}`,
});

export const filterWithoutValue = (system: string, property: string, op: string): Text => ({
  id: 'UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE',
  text: `The system ${system} filter with property = ${property}, op = ${op} has no value`,
});

export function wrongDisplay(
  shown: { readonly display: string; readonly code: string; readonly isWhitespaceOnly: boolean },
  valid: readonly { readonly value: string; readonly language?: string }[],
  language: string,
): Text {
  const choices = valid.map(({ value, language: of }) => `'${value}'${of === undefined ? '' : ` (${of})`}`);
  const head = shown.isWhitespaceOnly ? 'Wrong whitespace in Display Name' : 'Wrong Display Name';
  const many = choices.length === 1 ? '' : `one of ${choices.length} choices: `;
  return {
    id: shown.isWhitespaceOnly
      ? 'Display_Name_WS_for__should_be_one_of__instead_of'
      : 'Display_Name_for__should_be_one_of__instead_of',
    text: `${head} '${shown.display}' for ${shown.code}. Valid display is ${many}${listed(choices)} (for the language(s) '${language}')`,
  };
}

export const noDisplayInLanguage = (
  { display, code }: { readonly display: string; readonly code: string },
  language: string,
  standard: string,
): Text => ({
  id: 'NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR',
  text: `Wrong Display Name '${display}' for ${code}. There are no valid display names found for language(s) '${language}'. Default display is '${standard}'`,
});

export const displayOfOtherLanguage = (
  { display, code }: { readonly display: string; readonly code: string },
  language: string,
): Text => ({
  id: 'NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK',
  text: `There are no valid display names found for the code ${code} for language(s) '${language}'. The display is '${display}' which is a valid display for the default language`,
});
