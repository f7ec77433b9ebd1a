import type { Host, ResourceScope } from '../base/run.ts';
import { ABSOLUTE } from '../base/run.ts';
import { isObject, type JsonObject, listOf } from '../json.ts';
import { checkProfile } from './check.ts';
import { admits } from './contexts.ts';
import type { CompiledProfile, ProfileRun } from './model.ts';

/** HL7 uses its own extensions beyond the contexts that it published with 4.0.1. */
const isOfR4 = (url: string): boolean => url.startsWith('http://hl7.org/fhir/StructureDefinition/');

/** An extension by its definition, if that is known; the report stands at the extension. */
export function checkByDefinition(
  run: ProfileRun,
  extension: JsonObject,
  { scope, host }: { readonly scope: ResourceScope; readonly host: Host },
): void {
  const { url } = extension;
  if (typeof url !== 'string') return;
  const definition = run.profiles.profile(url);
  if (typeof definition === 'object' && definition.type === 'Extension') {
    if (!admits(definition.contexts, host, { scope, report: run.report }))
      run.report.add(
        isOfR4(url) ? 'warning' : 'error',
        'extension',
        `${definition.url}: must not extend this element`,
      );
    checkKind(run, definition);
    checkParts(run, definition, extension);
    checkProfile(run, definition, extension);
  } else if (definition === undefined && isOfR4(url))
    run.report.warning('extension', 'HL7 published no such extension with R4', 'url');
}

/** R4 extensibility.html#modifierExtension: whoever does not know a modifier must be able to tell that there is one. */
function checkKind({ report }: ProfileRun, { url, modifier }: CompiledProfile): void {
  const isModifier = report.path.findLast((part) => typeof part === 'string') === 'modifierExtension';
  if (isModifier !== modifier)
    report.error('extension', `${url}: must ${modifier ? '' : 'not '}be a modifierExtension`);
}

function checkParts({ report }: ProfileRun, { url, parts }: CompiledProfile, extension: JsonObject): void {
  if (parts.size === 0) return;
  for (const [index, part] of listOf(extension.extension).entries())
    if (isObject(part) && typeof part.url === 'string' && !ABSOLUTE.test(part.url) && !parts.has(part.url))
      report.error('extension', `${url}: has no such part`, `extension[${index}].url`);
}
