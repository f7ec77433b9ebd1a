import { isKnownResourceType, isResourceId } from '../../fhir/index.ts';
import type { SearchParameter } from '../parameters.ts';
import type { ReferenceValue } from '../types.ts';
import { targetOf } from '../values/reference.ts';
import { type Context, refused, spend } from './context.ts';
import { unescaped } from './escapes.ts';

/**
 * search.html#reference: `id`, `Type/id`, an absolute address or a canonical. An address of this server is `Type/id`; a version is left out. `type` is
 * that of the modifier.
 */
export function referenceValue(
  raw: string,
  { parameter, type }: { parameter: SearchParameter; type?: string },
  context: Context,
): ReferenceValue {
  const text = local(unescaped(raw), context.baseUrls);
  if (isResourceId(text) && parameter.targets.length > 0) return bareId(text, type, { parameter, context });
  const target = targetOf(text);
  if (target && 'url' in target) return { url: target.url };
  const [found = '', id = ''] = target?.local.split('/') ?? [];
  if (!target || !isKnownResourceType(found))
    throw refused(context, 'invalid', 'an id, Type/id or an absolute address');
  if (type !== undefined && found !== type)
    throw refused(context, 'invalid', 'a reference to the type that the modifier names');
  return { types: [found], id };
}

function bareId(
  id: string,
  type: string | undefined,
  { parameter, context }: { parameter: SearchParameter; context: Context },
): ReferenceValue {
  const types = type === undefined ? parameter.targets : [type];
  spend(context, 'values', types.length - 1);
  return { types, id };
}

function local(text: string, baseUrls: readonly string[]): string {
  for (const base of baseUrls) {
    const folder = base.endsWith('/') ? base : `${base}/`;
    if (text.length > folder.length && text.slice(0, folder.length) === folder)
      return text.slice(folder.length);
  }
  return text;
}
