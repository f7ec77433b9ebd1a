import { FhirFailure } from '../failure.ts';
import type { BodyKind, Parameter } from '../interaction.ts';

export const FHIR_JSON = 'application/fhir+json; fhirVersion=4.0';

const JSON_FORMATS: ReadonlySet<string> = new Set([
  'json',
  'application/json',
  'application/fhir+json',
  'application/json+fhir',
  'text/json',
]);
const JSON_RANGES: ReadonlySet<string> = new Set([...JSON_FORMATS, '*/*', 'application/*']);

const JSON_BODIES = ['application/fhir+json', 'application/json', 'application/json+fhir', 'text/json'];
const bodies: Readonly<Record<BodyKind, readonly string[]>> = {
  none: [],
  resource: JSON_BODIES,
  bundle: JSON_BODIES,
  parameters: JSON_BODIES,
  patch: ['application/json-patch+json', ...JSON_BODIES],
  form: ['application/x-www-form-urlencoded'],
};

interface MediaType {
  /** In lower case, without parameters. */
  readonly name: string;
  readonly fhirVersion: string | undefined;
  readonly charset: string | undefined;
  /** `q=0` says "not this one". */
  readonly refused: boolean;
}

function mediaType(text: string): MediaType {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameter = (key: string) =>
    parameters
      .find((one) => one.startsWith(`${key}=`))
      ?.slice(key.length + 1)
      .replaceAll('"', '');
  return {
    // A `+` in a query is a blank after decoding.
    name: name.replace(' ', '+'),
    fhirVersion: parameter('fhirversion'),
    charset: parameter('charset'),
    refused: /^0(\.0*)?$/.test(parameter('q') ?? ''),
  };
}

const isOfR4 = ({ fhirVersion }: MediaType): boolean =>
  fhirVersion === undefined || /^4\.0(\.\d)?$/.test(fhirVersion);

/** Throws NOT_ACCEPTABLE unless JSON of R4, or what else is `produced`, is taken. `_format` counts more than Accept (http.html#parameters). */
export function checkAccepted(
  accept: string | undefined,
  parameters: readonly Parameter[],
  produced: readonly string[] = [],
): void {
  const format = parameters.findLast(([name]) => name === '_format')?.[1];
  if (format === undefined && (accept === undefined || accept === '*/*')) return;
  const known = format === undefined ? JSON_RANGES : JSON_FORMATS;
  const asked = (format === undefined ? (accept ?? '').split(',') : [format]).map(mediaType);
  const isTaken = asked.some(
    (one) => !one.refused && (produced.includes(one.name) || (known.has(one.name) && isOfR4(one))),
  );
  if (isTaken) return;
  throw new FhirFailure('NOT_ACCEPTABLE', { place: format === undefined ? 'Accept' : '_format' });
}

/** The media type of a body that is taken here, without parameters. Throws UNSUPPORTED_MEDIA_TYPE naming those that are. */
export function checkContentType(kind: BodyKind, contentType: string | undefined): string {
  const given = mediaType(contentType ?? '');
  const isUtf8 = given.charset === undefined || /^(utf-?8|us-ascii)$/.test(given.charset);
  if (bodies[kind].includes(given.name) && isOfR4(given) && isUtf8) return given.name;
  throw new FhirFailure('UNSUPPORTED_MEDIA_TYPE', {
    place: 'Content-Type',
    rule: kind === 'none' ? 'no body is taken here' : `${bodies[kind].slice(0, 2).join(' or ')}, in UTF-8`,
  });
}
