import type { ContactPoint } from '@medplum/fhirtypes';
import { components, leaveOut, type Writer } from '../context.ts';
import { boundary } from './dtm.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';

/** Table 0201. A mobile is told by its equipment as well. */
const USES: Readonly<Record<string, string>> = { home: 'PRN', work: 'WPN', mobile: 'PRS' };
/** Table 0202. */
const EQUIPMENT: Readonly<Record<string, string>> = {
  phone: 'PH',
  sms: 'CP',
  fax: 'FX',
  pager: 'BP',
  email: 'Internet',
  other: 'MD',
};

/**
 * ContactPoint as XTN: an e-mail address in XTN-4, the parts of a number in XTN-5 to 8 where they are known, and the number as it is
 * written in XTN-1, which every receiver reads, or beside its parts in XTN-12. XTN-2 of an e-mail address is NET, unless it is of another use than
 * the field stands for.
 */
export const xtnOf =
  (own: ContactPoint['use']): Writer<ContactPoint> =>
  (contact, context) => {
    const { system = 'phone', value, use, rank, period } = contact;
    if (value === undefined) return undefined;
    const equipment = system === 'phone' && use === 'mobile' ? 'CP' : EQUIPMENT[system];
    if (equipment === undefined) return leaveOut(context, 'XTN has telephones, faxes, pagers and e-mail');
    const isEmail = system === 'email';
    const parts = ['country', 'area', 'local', 'extension'].map(
      (part) => contact.extension?.find(({ url }) => url === `${FHIR}/contactpoint-${part}`)?.valueString,
    );
    const hasParts = !isEmail && parts.some((part) => part !== undefined);
    return components([
      isEmail || hasParts ? '' : value,
      isEmail && (use === undefined || use === own) ? 'NET' : use && USES[use],
      equipment,
      isEmail ? value : '',
      ...(isEmail ? ['', '', '', ''] : parts),
      '',
      '',
      '',
      hasParts ? value : undefined,
      boundary(period?.start, context),
      boundary(period?.end, context),
      '',
      '',
      '',
      rank,
    ]);
  };

/** In a field that stands for no use. */
export const xtn: Writer<ContactPoint> = xtnOf(undefined);
