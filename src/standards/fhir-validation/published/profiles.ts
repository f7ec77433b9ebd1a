import type { Structure } from '../../fhir/index.ts';
import { decodeProfile, type EncodedProfile } from './encoding.ts';
import encoded from './r4-profiles.json' with { type: 'json' };

const texts = new Map<string, string>(Object.entries(encoded));

/** A profile or an extension's definition that R4 4.0.1 itself publishes, by canonical without version. */
export function publishedProfile(url: string): Structure | undefined {
  const text = texts.get(url);
  return text === undefined ? undefined : decodeProfile(url, JSON.parse(text) as EncodedProfile);
}
