import { type JsonObject, listOf } from '../json.ts';
import { ABSOLUTE, type ResourceScope, type Run } from './run.ts';

/** R4 extensibility.html: a url, absolute unless within an extension, and either a value or extensions (ext-1). */
export function checkExtension(run: Run, scope: ResourceScope, extension: JsonObject): void {
  const valued = Object.keys(extension).some(isValue);
  const nested = listOf(extension.extension).length > 0;
  if (valued === nested)
    run.report.error('invariant', 'ext-1: must have either a value or extensions, not both');
  const { url } = extension;
  if (typeof url === 'string' && !ABSOLUTE.test(url) && !isNested(run))
    run.report.error('value', 'the url of an extension must be absolute', 'url');
  run.profiles?.extension(scope, extension, run.host);
}

const isValue = (name: string): boolean => name.startsWith('value') || name.startsWith('_value');

/** The place is `….extension[1].extension[0]`. */
function isNested({ report: { path } }: Run): boolean {
  const outer = path.at(-4);
  return outer === 'extension' || outer === 'modifierExtension';
}
