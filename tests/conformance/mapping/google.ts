import { corpusFiles } from '../corpora.ts';
import { entryOf, type Pair, resourcesOf } from './pairs.ts';
import { componentText, fieldText, segmentsOf } from './parsed.ts';
import type { Entry, Json } from './references.ts';

const COLLECTION = 'hl7v2-google-harmonization';
const INPUT = /\.hl7\.fhir\.input\.json$/;

/** Whole messages, and units (a segment, or a value of a datatype) put into a message that has a place for them. */
export function googlePairs(): Pair[] {
  const files = corpusFiles(COLLECTION);
  return files
    .filter(({ path }) => INPUT.test(path))
    .flatMap((file) => {
      const wanted = file.path.replace(INPUT, '.hl7.fhir.output.json');
      const output = files.find(({ path }) => path === wanted);
      const input = JSON.parse(file.bytes.toString()) as Json;
      const made = messageOf(input, file.path);
      if (!output || !made) return [];
      const bundle = theirsIn(JSON.parse(output.bytes.toString()), made.as);
      return [{ name: file.path, message: Buffer.from(`${made.segments.join('\r')}\r`), bundle }];
    });
}

/** A bundle, or a list of resources; values without a type belong to the resource that the unit is for. */
function theirsIn(output: unknown, as: Wrapping['as']): Entry[] {
  if (!Array.isArray(output)) return resourcesOf(output as Json);
  return output.map((value: Json) => entryOf(value.resourceType === undefined && as ? as(value) : value));
}

interface Made {
  readonly segments: readonly string[];
  readonly as?: Wrapping['as'];
}

function messageOf(input: Json, path: string): Made | undefined {
  const [structure, message] = Object.entries(input)[0] ?? [];
  if (structure !== undefined && /^[A-Z]{3}_[A-Z]\d\d$/.test(structure))
    return { segments: segmentsOf(message as Json) };
  const wrapping = wrappings.find(({ unit }) => unit.test(path.split('/').at(-1) ?? ''));
  return wrapping && { segments: wrapping.wrap(input), as: wrapping.as };
}

interface Wrapping {
  /** Of the name of the file. */
  readonly unit: RegExp;
  readonly wrap: (input: Json) => string[];
  /** What a value without a type is of. */
  readonly as: ((value: Json) => Json) | undefined;
}

const header = (type: string) => [
  `MSH|^~\\&|UNIT|UNIT|||20260101||${type}|1|P|2.5.1`,
  ...(type.startsWith('ADT') ? ['EVN||20260101'] : []),
  'PID|1||1^^^UNIT^MR||Unit^Una',
];
const ADT = header('ADT^A01^ADT_A01');
const ORM = header('ORM^O01^ORM_O01');
const ORU = header('ORU^R01^ORU_R01');
const OML = header('OML^O21^OML_O21');
const RDE = header('RDE^O11^RDE_O11');
const OBR = 'OBR|1|P1|F1|1^Unit^L';
const RXE = 'RXE|^^^20260101|1^Unit^L|1||TAB';

const plain =
  (resourceType: string) =>
  (value: Json): Json => ({ resourceType, ...value });
const within =
  (type: string, element: string) =>
  (value: Json): Json => ({
    resourceType: type,
    [element]: value,
  });
const segments =
  (type: readonly string[], before: readonly string[] = []) =>
  (input: Json): string[] => [
    ...type,
    ...before,
    ...segmentsOf(Object.fromEntries(Object.entries(input).filter(([name]) => /^[A-Z]/.test(name)))),
  ];
const result =
  (fields: (input: Json) => string): ((input: Json) => string[]) =>
  (input) => [...ORU, OBR, `OBX|1|${fields(input)}`];

/** By the unit: units of datatypes stand in a field of that type. Units of what is no part of a mapped message are left out. */
const wrappings: readonly Wrapping[] = [
  { unit: /^(al1|dg1|nk1|in1|pid|pv1|pr1|iam|gt1|pd1)_/, wrap: segments(ADT), as: undefined },
  { unit: /^obx_/, wrap: segments(ORU, [OBR]), as: undefined },
  { unit: /^obr_orc_diag|^obr_diag/, wrap: segments(ORU), as: undefined },
  { unit: /^(obr_specimen|obr_service)/, wrap: segments(OML, ['ORC|NW|P1']), as: undefined },
  { unit: /^spm_/, wrap: segments(OML, ['ORC|NW|P1', OBR]), as: undefined },
  { unit: /^orc_service/, wrap: (input) => [...segments(OML)(input), OBR], as: undefined },
  { unit: /^rxe_/, wrap: segments(RDE, ['ORC|NW|P1']), as: plain('MedicationRequest') },
  { unit: /^orc_rx/, wrap: (input) => afterOrder(segments(RDE)(input), RXE), as: plain('MedicationRequest') },
  {
    unit: /^rxr_/,
    wrap: segments(RDE, ['ORC|NW|P1', RXE]),
    as: within('MedicationRequest', 'dosageInstruction'),
  },
  {
    unit: /^tq1_service/,
    wrap: ({ TQ1 }) => [...OML, 'ORC|NW|P1', OBR, `TQ1|${asSegment(TQ1)}`],
    as: plain('ServiceRequest'),
  },
  {
    unit: /^tq_service/,
    wrap: ({ TQ }) => [...ORM, `ORC|NW|P1|||||${fieldText(TQ)}`, OBR],
    as: plain('ServiceRequest'),
  },
  {
    unit: /^tq_(dosage|medication)/,
    wrap: ({ TQ }) => [...RDE, `ORC|NW|P1|||||${fieldText(TQ)}`, RXE],
    as: within('MedicationRequest', 'dosageInstruction'),
  },
  {
    unit: /^sn_quantity/,
    wrap: result(({ SN }) => `SN|1^Unit^L||${fieldText(SN)}||||||F`),
    as: within('Observation', 'valueQuantity'),
  },
  {
    unit: /^sn_ratio/,
    wrap: result(({ SN }) => `SN|1^Unit^L||${fieldText(SN)}||||||F`),
    as: within('Observation', 'valueRatio'),
  },
  {
    unit: /^sn_range/,
    wrap: result(({ SN }) => `SN|1^Unit^L||${fieldText(SN)}||||||F`),
    as: within('Observation', 'valueRange'),
  },
  {
    unit: /^nr_range/,
    wrap: result(({ NR }) => `NR|1^Unit^L||${fieldText(NR)}||||||F`),
    as: within('Observation', 'valueRange'),
  },
  {
    unit: /^cwe_organization/,
    wrap: result(({ CWE }) => `NM|1^Unit^L||1||||||F||||${fieldText(CWE)}`),
    as: undefined,
  },
  {
    unit: /^xon_/,
    wrap: result(
      ({ XON, XAD }) => `NM|1^Unit^L||1||||||F${'|'.repeat(12)}${fieldText(XON)}|${fieldText(XAD)}`,
    ),
    as: undefined,
  },
  { unit: /^ndl_/, wrap: ({ NDL }) => [...ORU, `${OBR}${'|'.repeat(28)}${fieldText(NDL)}`], as: undefined },
  {
    unit: /^cnn_/,
    wrap: ({ CNN }) => [...ORU, `${OBR}${'|'.repeat(28)}${componentText(CNN)}`],
    as: undefined,
  },
  {
    unit: /^xcn_/,
    wrap: ({ XCN }) => [...ADT, `PV1|1|I|||||${fieldText(XCN)}${'|'.repeat(12)}V1`],
    as: undefined,
  },
  { unit: /^pl_/, wrap: ({ PL }) => [...ADT, `PV1|1|I|${fieldText(PL)}${'|'.repeat(16)}V1`], as: undefined },
  {
    unit: /^hd_location/,
    wrap: ({ HD }) => [...ADT, `PV1|1|I|^^^${componentText(HD)}${'|'.repeat(16)}V1`],
    as: undefined,
  },
  {
    unit: /^dln_/,
    wrap: ({ DLN }) => [
      ...ADT.slice(0, -1),
      `PID|1||1^^^UNIT^MR||Unit^Una${'|'.repeat(15)}${fieldText(DLN)}`,
    ],
    as: within('Patient', 'identifier'),
  },
  {
    unit: /^cx_/,
    wrap: ({ CX }) => [...ADT.slice(0, -1), `PID|1||${fieldText(CX)}||Unit^Una`],
    as: within('Patient', 'identifier'),
  },
  {
    unit: /^xpn_/,
    wrap: ({ XPN }) => [...ADT.slice(0, -1), `PID|1||1^^^UNIT^MR||${fieldText(XPN)}`],
    as: within('Patient', 'name'),
  },
  {
    unit: /^xad_/,
    wrap: ({ XAD }) => [...ADT.slice(0, -1), `PID|1||1^^^UNIT^MR||Unit^Una||||||${fieldText(XAD)}`],
    as: within('Patient', 'address'),
  },
  {
    unit: /^xtn_/,
    wrap: ({ XTN }) => [...ADT.slice(0, -1), `PID|1||1^^^UNIT^MR||Unit^Una||||||||${fieldText(XTN)}`],
    as: within('Patient', 'telecom'),
  },
];

/** A segment that has no name under `0`. */
const asSegment = (segment: unknown): string =>
  segmentsOf({ TQ1: { ...(segment as Json), 0: 'TQ1' } })[0]?.slice(4) ?? '';

const afterOrder = (lines: readonly string[], line: string): string[] =>
  lines.flatMap((one) => (one.startsWith('ORC') ? [one, line] : [one]));
