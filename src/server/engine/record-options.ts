import { z } from 'zod';
import { compileSite, type Site, type SiteMapping, siteMapping } from '../../clinical/mapping/index.ts';
import type { RecordRequest } from '../../exchange/channels/index.ts';

/** The time zone of times without an offset, e.g. `America/New_York`. */
const zone = z.string().refine(isTimeZone, 'a time zone of the IANA list');

const profile = z
  .string()
  .regex(/^https?:\/\/[^\s|]+(\|[^\s|]+)?$/, 'the canonical URL of a profile, perhaps with |version');

/** What `record()` takes. */
export const recordOptions = z.strictObject({
  zone: zone.optional(),
  /** What of their type these profiles demand is checked of everything that the channel writes. */
  profiles: z.array(profile).max(50).optional(),
  /** Lines of the site's own beside ours. */
  mapping: siteMapping.optional(),
});

type RecordOptions = z.infer<typeof recordOptions>;

/** The options of a request; they were judged when the configuration was loaded. */
export const recordOptionsOf = ({ options }: RecordRequest): RecordOptions => options as RecordOptions;

const sites = new WeakMap<SiteMapping, Site>();

/** The site's own lines ready to run; made once for a configuration. */
export function siteOf(mapping: SiteMapping): Site {
  const known = sites.get(mapping);
  if (known) return known;
  const made = compileSite(mapping);
  sites.set(mapping, made);
  return made;
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
