import { resourceTypes } from '../../../standards/fhir/index.ts';
import type { Interaction, Services } from '../interaction.ts';
import { patchFormats } from '../write/patch-body.ts';
import { capabilitiesOf } from './capabilities-of.ts';
import { resourceEntry } from './resource-entry.ts';

const US_CORE = 'http://hl7.org/fhir/us/core/';
const US_CORE_SERVER = `${US_CORE}CapabilityStatement/us-core-server`;
const PDQM = 'https://profiles.ihe.net/ITI/PDQm/CapabilityStatement/IHE.PDQm.';
/** PDQm takes JSON or XML, and what it asks for is served. PIXm's manager asks for XML as well, which is not, so that it is a guide that is followed, and no statement that is met. */
const IHE_SUPPLIERS = [`${PDQM}PatientDemographicsSupplier`, `${PDQM}PatientDemographicsSupplierMatch`];
const IHE_GUIDES = ['PIXm', 'PDQm'].map(
  (guide) => `https://profiles.ihe.net/ITI/${guide}/ImplementationGuide/ihe.iti.${guide.toLowerCase()}`,
);
const BULK_DATA = 'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data';

/** How long a statement stands before it is made anew: loading a package changes it. */
const REFRESH_MS = 10_000;

interface Made {
  readonly at: number;
  /** The text before the base's address, and after it. */
  readonly parts: readonly [string, string];
}

const made = new WeakMap<Services, Made>();

/** The CapabilityStatement as JSON: what is really mounted, and nothing else (R4 capabilitystatement.html). */
export function capabilityStatement(base: string, services: Services): string {
  const now = services.clock.monotonicMs();
  let current = made.get(services);
  if (!current || now - current.at > REFRESH_MS) {
    current = { at: now, parts: statementParts(services) };
    made.set(services, current);
  }
  const [before, after] = current.parts;
  return `${before}${JSON.stringify(base)}${after}`;
}

/** Addresses are the caller's, so they are put in last: callers can't fill a cache. */
const BASE = '{base}';

function statementParts(services: Services): [string, string] {
  const [before = '', after = ''] = JSON.stringify(statement(services)).split(`"${BASE}"`);
  return [before, after];
}

function statement({ software, interactions, profilesOf }: Services): object {
  const profiles = new Map(resourceTypes.map((type) => [type, profilesOf(type)]));
  const isUsCore = [...profiles.values()].some((urls) => urls.some((url) => url.startsWith(US_CORE)));
  const exportsGroups = interactions.some(({ path }) => path === '/Group/:id/$export');
  const matches = interactions.some(({ path }) => path === '/Patient/$match');
  const instantiates = [
    ...(isUsCore ? [US_CORE_SERVER] : []),
    ...(exportsGroups ? [BULK_DATA] : []),
    ...(matches ? IHE_SUPPLIERS : []),
  ];
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: software.startedAt.toISOString(),
    kind: 'instance',
    ...(instantiates.length === 0 ? {} : { instantiates }),
    software: { name: 'Isthmus', version: software.version },
    implementation: { description: 'Isthmus FHIR R4 API', url: BASE },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json'],
    patchFormat: patchFormats,
    ...(matches ? { implementationGuide: IHE_GUIDES } : {}),
    rest: [
      {
        mode: 'server',
        security: { description: 'Authorization: Bearer with a token that the operator gives.' },
        resource: resourceTypes.map((type) =>
          resourceEntry({ type, profiles: profiles.get(type) ?? [], interactions }),
        ),
        interaction: systemCodes(interactions).map((code) => ({ code })),
        ...operations(interactions),
      },
    ],
  };
}

function systemCodes(interactions: readonly Interaction[]): string[] {
  const codes = capabilitiesOf(interactions, 'system').flatMap((one) => ('code' in one ? [one.code] : []));
  return [...new Set(codes)];
}

function operations(interactions: readonly Interaction[]): object {
  const operation = capabilitiesOf(interactions, 'system').flatMap((one) =>
    'operation' in one ? [{ name: one.operation, definition: one.definition }] : [],
  );
  return operation.length === 0 ? {} : { operation };
}
