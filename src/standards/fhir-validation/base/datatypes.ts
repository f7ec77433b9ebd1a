import { codeSystemCodes } from '../../fhir/index.ts';
import type { JsonObject } from '../json.ts';
import { checkExtension } from './extensions.ts';
import { checkReference } from './references.ts';
import type { Property } from './rules.ts';
import { ABSOLUTE, type ResourceScope, type Run } from './run.ts';

type DatatypeCheck = (run: Run, scope: ResourceScope, value: JsonObject, property: Property) => void;

/** Rules of a datatype that its structure and invariants don't tell. */
export const datatypeChecks: ReadonlyMap<string, DatatypeCheck> = new Map<string, DatatypeCheck>([
  ['Extension', checkExtension],
  ['Reference', (run, scope, reference, { targets }) => checkReference(run, scope, reference, targets)],
  ['Coding', checkCoding],
  ['Attachment', checkAttachment],
  ['Identifier', checkIdentifier],
]);

/**
 * A code of a code system that R4 itself defines is one of its codes (R4 terminologies.html#code). The systems of terminology.hl7.org have
 * grown since, so that there an unknown one is a warning.
 */
function checkCoding({ report }: Run, _: ResourceScope, { system, code }: JsonObject): void {
  if (
    typeof system !== 'string' ||
    typeof code !== 'string' ||
    !/^http:\/\/(?:terminology\.)?hl7\.org\//.test(system)
  )
    return;
  const codes = codeSystemCodes(system);
  if (!codes || codes.has(code)) return;
  const severity = system.startsWith('http://hl7.org/fhir/') ? 'error' : 'warning';
  report.add(severity, 'code-invalid', 'must be a code of its code system', 'code');
}

/** R4 datatypes.html#attachment: the size is that of the data, before base64. */
function checkAttachment({ report }: Run, _: ResourceScope, { data, size }: JsonObject): void {
  if (typeof data !== 'string' || typeof size !== 'number') return;
  const packed = data.replace(/[\s=]+/g, '');
  if (Math.floor((packed.length * 3) / 4) !== size)
    report.error('value', 'must be the size of the data', 'size');
}

/** R4 datatypes.html#identifier: the system of URIs identifies by URIs; bare OIDs are so common there, in HL7's own examples too, that it is no error. */
function checkIdentifier({ report }: Run, _: ResourceScope, { system, value }: JsonObject): void {
  if (system === 'urn:ietf:rfc:3986' && typeof value === 'string' && !ABSOLUTE.test(value))
    report.warning('value', 'must be an absolute URI, as its system says', 'value');
}
