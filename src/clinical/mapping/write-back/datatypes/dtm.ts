import { formatDateTime, Hl7Error } from '../../../../standards/hl7v2/index.ts';
import type { WriteContext, Writer } from '../context.ts';
import { components } from '../context.ts';

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const MOMENT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;

/** A FHIR date, dateTime or instant as DTM: as exact as it is; moments in the receiver's clocks, or else with the offset they have. */
export const dtm: Writer<string> = (text, { zone, offsets }) => {
  const date = DATE.exec(text);
  if (date) return date.slice(1).join('');
  const moment = MOMENT.exec(text);
  const instant = new Date(text);
  if (!moment || Number.isNaN(instant.getTime()))
    throw new Hl7Error('HL7_BAD_TIMESTAMP', { rule: 'a FHIR date, dateTime or instant' });
  const own = moment[8] === 'Z' ? '+0000' : (moment[8] ?? '').replace(':', '');
  const written = formatDateTime(instant, { zone: zone ?? own });
  const fraction = moment[7] === undefined ? '' : `.${moment[7].slice(0, 4)}`;
  return `${written.slice(0, 14)}${fraction}${offsets ? written.slice(14) : ''}`;
};

/** An instant that is known as a Date. */
export const moment = (at: Date, context: WriteContext): string | undefined =>
  dtm(at.toISOString().replace(/\.\d+/, ''), context) as string | undefined;

/** Period as DR. */
export const dr: Writer<{ start?: string; end?: string }> = ({ start, end }, context) =>
  components([start && (dtm(start, context) as string), end && (dtm(end, context) as string)]);

/** One end of a period at a component of its own. */
export const boundary = (text: string | undefined, context: WriteContext): string | undefined =>
  text === undefined ? undefined : (dtm(text, context) as string | undefined);

/** A FHIR time as TM. */
export const tm: Writer<string> = (text) => text.replaceAll(':', '');
