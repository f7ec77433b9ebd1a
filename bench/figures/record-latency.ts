import { expectStatus, FhirClient } from '../harness/fhir-client.ts';
import type { World } from '../harness/world.ts';

const READS_PER_SECOND = 300;
const READS = 3_000;
const SEARCHES_PER_SECOND = 100;
const SEARCHES = 1_500;
const CONNECTIONS = 16;

export interface Latencies {
  /** Milliseconds of each. */
  readonly read: readonly number[];
  readonly search: readonly number[];
}

interface Searchset {
  readonly entry?: readonly { readonly resource: Found }[];
}
interface Found {
  readonly id: string;
  readonly birthDate?: string;
  readonly name?: readonly { readonly family?: string }[];
  readonly code?: { readonly coding?: readonly { readonly system?: string; readonly code?: string }[] };
}

/** Read by id at a steady pace, then the searches of a visit: patient+category, patient+code, birthdate+name. */
export async function latenciesOf({ engine, token }: World, patients: number): Promise<Latencies> {
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => FhirClient.open(engine.httpPort, token)),
  );
  const found = await lookUp(clients[0] as FhirClient);
  const reads = found.observations.map(({ id }) => `/Observation/${id}`);
  const searches = found.people.flatMap((one, n) =>
    searchesFor(one, found.observations[n % found.observations.length]),
  );
  if (reads.length === 0 || searches.length === 0)
    throw new Error(`nothing to read among ${patients} patients`);
  await paced(clients, reads, { perSecond: READS_PER_SECOND, count: 300 });
  const read = await paced(clients, reads, { perSecond: READS_PER_SECOND, count: READS });
  await paced(clients, searches, { perSecond: SEARCHES_PER_SECOND, count: 100 });
  const search = await paced(clients, searches, { perSecond: SEARCHES_PER_SECOND, count: SEARCHES });
  for (const client of clients) client.close();
  return { read, search };
}

async function lookUp(client: FhirClient) {
  const ask = async (path: string): Promise<readonly Found[]> => {
    const answer = await client.request('GET', path);
    expectStatus(answer, 200);
    return ((JSON.parse(answer.body.toString()) as Searchset).entry ?? []).map(({ resource }) => resource);
  };
  return {
    people: await ask('/Patient?birthdate=ge1900-01-01&_count=200'),
    observations: await ask('/Observation?category=laboratory&_count=500'),
  };
}

function searchesFor(person: Found, observation: Found | undefined): string[] {
  const coding = observation?.code?.coding?.[0];
  const code = encodeURIComponent(`${coding?.system}|${coding?.code}`);
  return [
    `/Observation?patient=${person.id}&category=laboratory`,
    `/Observation?patient=${person.id}&code=${code}`,
    `/Patient?birthdate=${person.birthDate}&name=${encodeURIComponent(person.name?.[0]?.family ?? '')}`,
  ];
}

/** Requests begin when they are due, whether or not earlier ones are answered; waiting for a connection counts. */
async function paced(
  clients: readonly FhirClient[],
  paths: readonly string[],
  { perSecond, count }: { readonly perSecond: number; readonly count: number },
): Promise<number[]> {
  const taken: number[] = [];
  const idle = [...clients];
  const waiting: (() => void)[] = [];
  const started = performance.now();
  const all: Promise<void>[] = [];
  const one = async (path: string, due: number) => {
    if (idle.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    const client = idle.shift() as FhirClient;
    expectStatus(await client.request('GET', path), 200);
    taken.push(performance.now() - due);
    idle.push(client);
    waiting.shift()?.();
  };
  for (let n = 0; n < count; n += 1) {
    const due = started + (n * 1_000) / perSecond;
    const waitMs = due - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    all.push(one(paths[(n * 7) % paths.length] as string, Math.max(due, performance.now() - 1)));
  }
  await Promise.all(all);
  return taken;
}
