import type { ContactPoint } from '@medplum/fhirtypes';
import { isPlaceholderEmail, isPlaceholderPhone } from './placeholders.ts';
import { digitsOf, distinct, fold } from './text.ts';
import type { FeatureOptions } from './types.ts';

const MAX_EACH = 6;
const MAX_READ = 60;

/** Last ten digits (what follows the country code in most of the world), or the seven to nine there are. */
export function phonesOf(telecom: readonly ContactPoint[], options: FeatureOptions): string[] {
  const phones = telecom
    .slice(0, MAX_READ)
    .filter(({ system }) => system === 'phone' || system === 'sms' || system === undefined)
    .map(({ value }) => String(value ?? ''))
    .filter((value) => !value.includes('@'))
    .map((value) => digitsOf(value.replace(/(?:ext|x)[. ]*\d+\s*$/i, '')).slice(-10))
    .filter((digits) => digits.length >= 7 && !isPlaceholderPhone(digits, options));
  return distinct(phones, (phone) => phone, MAX_EACH);
}

/** Lower case, without what follows a plus sign. */
export function emailsOf(telecom: readonly ContactPoint[], options: FeatureOptions): string[] {
  const emails = telecom
    .slice(0, MAX_READ)
    .map(({ system, value }) =>
      system === 'email' || String(value ?? '').includes('@') ? fold(String(value ?? '')).trim() : '',
    )
    .map((email) => email.replace(/\+[^@]*@/, '@'))
    .filter((email) => email.indexOf('@') > 0 && !isPlaceholderEmail(email, options));
  return distinct(emails, (email) => email, MAX_EACH);
}
