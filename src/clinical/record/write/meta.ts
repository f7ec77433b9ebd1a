import type { Content } from './slot.ts';

/** The tag that a reader is shown on what was taken although it breaks a rule; the server's, so never taken from who writes. */
export const VALIDATION_TAG = { system: 'urn:isthmus:validation', code: 'invalid' } as const;

/** Elements of meta that are the server's own (R4 resource.html#Meta). */
const OWN = ['versionId', 'lastUpdated', 'source', '_versionId', '_lastUpdated', '_source'];

/**
 * Content as it is stored: meta without what the server keeps itself. With `former`, labels that the new content leaves out are carried
 * forward (R4 resource.html#tag-updates): dropping a security label by not repeating it would open what it closed.
 */
export function withStoredMeta(resource: Content, former?: Content): Content {
  const meta: Content = { ...(isObject(resource.meta) ? resource.meta : {}) };
  for (const name of OWN) delete meta[name];
  if (Array.isArray(meta.tag)) meta.tag = meta.tag.filter((tag) => !isValidationTag(tag));
  const labels = isObject(former?.meta) ? former.meta : {};
  for (const name of ['security', 'tag']) {
    if (isEmpty(meta[name]) && !isEmpty(labels[name])) meta[name] = labels[name];
    else if (isEmpty(meta[name])) delete meta[name];
  }
  const { meta: _meta, ...elements } = resource;
  return Object.keys(meta).length === 0 ? elements : { ...elements, meta };
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.length === 0);

const isValidationTag = (tag: unknown): boolean => isObject(tag) && tag.system === VALIDATION_TAG.system;

const isObject = (value: unknown): value is Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
