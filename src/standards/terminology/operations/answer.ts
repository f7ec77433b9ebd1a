import type { Definition } from '../types.ts';
import type { CodingInput } from './inputs.ts';
import type { Issue } from './messages.ts';

const ISSUE_TYPES = 'http://hl7.org/fhir/tools/CodeSystem/tx-issue-type';
const MESSAGE_ID = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id';

/** What is said of a code. */
export interface Answer {
  readonly result: boolean;
  /** In the value set, or in the code system where none is asked of. */
  readonly isMember?: boolean;
  readonly coding?: CodingInput;
  /** The code as its system writes it, where it was asked for in another case. */
  readonly normalized?: string;
  readonly version?: string;
  readonly display?: string;
  readonly isInactive?: boolean;
  readonly status?: string;
  readonly codeableConcept?: Definition;
  readonly issues: readonly Issue[];
  /** Code systems that are not there: that of the code, and those that the value set needs. */
  readonly unknownSystems: readonly string[];
  readonly neededSystems: readonly string[];
}

/** R4 $validate-code's Parameters; what is not in R4 are the output parameters of later versions, which validators read. */
export function answerParameters(answer: Answer): Definition {
  const { result, coding, normalized, version, display, isInactive, status, codeableConcept, issues } =
    answer;
  const message = messageOf(issues);
  const entries: readonly (readonly [string, object | undefined])[] = [
    ['result', { valueBoolean: result }],
    ['code', coding && { valueCode: coding.code }],
    ['system', coding?.system === undefined ? undefined : { valueUri: coding.system }],
    ['version', version === undefined ? undefined : { valueString: version }],
    ['normalized-code', normalized === undefined ? undefined : { valueCode: normalized }],
    ['display', display === undefined ? undefined : { valueString: display }],
    ['inactive', isInactive ? { valueBoolean: true } : undefined],
    ['status', status === undefined ? undefined : { valueCode: status }],
    ['codeableConcept', codeableConcept && { valueCodeableConcept: codeableConcept }],
    ...answer.unknownSystems.map((valueCanonical) => ['x-unknown-system', { valueCanonical }] as const),
    ...answer.neededSystems.map(
      (valueCanonical) => ['x-caused-by-unknown-system', { valueCanonical }] as const,
    ),
    ['message', message === undefined ? undefined : { valueString: message }],
    [
      'issues',
      issues.length === 0
        ? undefined
        : { resource: { resourceType: 'OperationOutcome', issue: issues.map(issueOf) } },
    ],
  ];
  return {
    resourceType: 'Parameters',
    parameter: entries.flatMap(([name, value]) => (value === undefined ? [] : [{ name, ...value }])),
  };
}

/** Errors and warnings, in one line. */
function messageOf(issues: readonly Issue[]): string | undefined {
  const told = issues
    .filter(({ severity, isAside = severity === 'information' }) => !isAside)
    .map(({ text }) => text);
  return told.length === 0 ? undefined : [...new Set(told)].sort().join('; ');
}

const issueOf = ({ severity, type, detail, id, text, place }: Issue): Definition => ({
  extension: [{ url: MESSAGE_ID, valueString: id }],
  severity,
  code: type,
  details: { coding: [{ system: ISSUE_TYPES, code: detail }], text },
  ...(place === undefined ? {} : { location: [place], expression: [place] }),
});
