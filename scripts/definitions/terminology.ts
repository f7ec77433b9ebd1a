import { type Packed, pack, unpackPart } from '../../src/standards/fhir/definitions/packing.ts';
import { type Generated, type Published, readDefinitions } from './source.ts';

const FILES = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json', 'conceptmaps.json'];
const TYPES = ['CodeSystem', 'ValueSet', 'ConceptMap'];
/** Owned by others, whose licences do not let their codes be carried along. */
const LICENSED = ['http://snomed.info/sct', 'http://www.ama-assn.org/go/cpt', 'http://loinc.org'];
/** Of the package's own making. */
const NOT_OF_R4 = [
  'http://hl7.org/fhir/ValueSet/detectedissue-status',
  'http://hl7.org/fhir/detectedissue-status',
];
/** Prose, and who wrote it. */
const LEFT_OUT = [
  ...[
    'id',
    'meta',
    'text',
    'extension',
    'contact',
    'publisher',
    'date',
    'identifier',
    'description',
    '_description',
  ],
  ...['copyright', 'purpose', 'useContext', 'jurisdiction', 'contained', 'immutable'],
];
/** Marks what is left out for its owner's licence (sources/built-in.ts). */
const WITHHELD = { extension: [{ url: 'urn:isthmus:withheld', valueBoolean: true }] };

interface Include {
  readonly system?: string;
  readonly concept?: unknown;
}
interface Compose {
  readonly include?: readonly Include[];
  readonly exclude?: readonly Include[];
}

/** R4's code systems, value sets and concept maps, without prose and without licensed codes, packed. */
export function terminology(): Generated {
  const seen = new Set<string>();
  const published = FILES.flatMap(readDefinitions).filter(({ resourceType, url = '' }) => {
    const key = `${resourceType} ${url}`;
    // Published twice, the first counts.
    if (!TYPES.includes(resourceType) || url === '' || NOT_OF_R4.includes(url) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  const kept = published.filter((one) => !isOfLicensed(one)).map(slim);
  return { 'src/standards/fhir/definitions/r4/terminology.json': pack(kept) };
}

/** What the file holds: how it is compressed depends on who compresses. */
export function unpacked(text: string): unknown {
  const packed = JSON.parse(text) as Packed;
  return packed.parts.map((_, part) => unpackPart(packed, part));
}

/** A supplement or map that is all texts of theirs. */
const isOfLicensed = ({ resourceType, supplements, group }: Published): boolean =>
  LICENSED.some((system) => String(supplements ?? '').startsWith(system)) ||
  (resourceType === 'ConceptMap' &&
    (group as { source?: string; target?: string }[] | undefined)?.some(
      ({ source = '', target = '' }) => LICENSED.includes(source) || LICENSED.includes(target),
    ) === true);

function slim(resource: Published): Published {
  const {
    compose,
    expansion: _,
    ...rest
  } = Object.fromEntries(
    Object.entries(resource).filter(([name]) => !LEFT_OUT.includes(name)),
  ) as unknown as Published & { readonly compose?: Compose };
  const { include, exclude, ...others } = compose ?? {};
  return withoutExtensions({
    ...rest,
    ...(compose
      ? {
          compose: {
            ...others,
            ...(include ? { include: include.map(withheld) } : {}),
            ...(exclude ? { exclude: exclude.map(withheld) } : {}),
          },
        }
      : {}),
  }) as Published;
}

function withheld(include: Include): Include {
  if (!LICENSED.includes(include.system ?? '') || !include.concept) return include;
  const { concept: _, ...rest } = include;
  return { ...rest, ...WITHHELD };
}

/** Comments on concepts; the mark stays. */
function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(
    ([name, inner]) => name !== 'extension' || inner === WITHHELD.extension,
  );
  return Object.fromEntries(
    members
      .filter(([name]) => !name.startsWith('_'))
      .map(([name, inner]) => [name, withoutExtensions(inner)]),
  );
}
