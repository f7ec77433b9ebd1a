import type { ContactPoint } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { Datatype } from '../convert.ts';
import { present } from '../convert.ts';
import { telecomSystem, telecomUse } from '../tables.ts';

/** XTN → ContactPoint. `use` is taken when XTN-2 (0201) says none: the field itself tells home from work. */
export const xtn =
  (use: ContactPoint['use']): Datatype<ContactPoint> =>
  (value) => {
    const email = value.component(4);
    const equipment = value.component(3).toUpperCase();
    const isEmail =
      email !== '' &&
      (value.component(2) === 'NET' || telecomSystem[equipment] === 'email' || !hasNumber(value));
    const number = isEmail ? email : numberOf(value);
    if (number === '') return undefined;
    const declared = telecomUse[value.component(2)] as ContactPoint['use'];
    return present<ContactPoint>({
      system: isEmail ? 'email' : ((telecomSystem[equipment] as ContactPoint['system']) ?? 'phone'),
      value: number,
      use: equipment === 'CP' ? 'mobile' : (declared ?? use),
    });
  };

const hasNumber = (value: Repetition): boolean => numberOf(value) !== '';

/** XTN-12 is the number as it is dialled, XTN-1 the same before 2.3; or else it is put together from XTN-5 to XTN-8. */
function numberOf(value: Repetition): string {
  const whole = value.component(12) || value.component(1);
  if (whole !== '') return whole;
  const country = value.component(5);
  const extension = value.component(8);
  const parts = [
    country && `+${country.replace(/^\+/, '')}`,
    value.component(6),
    value.component(7),
    extension && `x${extension}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
