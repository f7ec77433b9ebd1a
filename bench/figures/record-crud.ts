import { bareStatements } from '../harness/bare-statements.ts';
import { expectStatus, FhirClient } from '../harness/fhir-client.ts';
import { observationOf } from '../harness/observation.ts';
import { report } from '../harness/report.ts';
import type { World } from '../harness/world.ts';

const CLIENTS = 16;
const ROUNDS = 120;
const PER_ROUND = 5;

/** Create, read, update, read, delete: each a fifth. Relative to the same SQL sent bare. Must 1,200 req/s and ratio 0.4; aim 2,500. */
export async function crudMix({ engine, token }: World): Promise<void> {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => FhirClient.open(engine.httpPort, token)),
  );
  const patients = await Promise.all(clients.map(newPatient));
  const run = (rounds: number) =>
    Promise.all(
      clients.map(async (client, n) => {
        for (let round = 0; round < rounds; round += 1) await one(client, patients[n] as string, round);
      }),
    );
  await run(15);
  const started = performance.now();
  await run(ROUNDS);
  const value = (CLIENTS * ROUNDS * PER_ROUND) / ((performance.now() - started) / 1_000);
  for (const client of clients) client.close();
  const yardstick = await bareStatements({ clients: CLIENTS, rounds: ROUNDS, perRound: PER_ROUND });
  report({ name: 'record.crud', value, unit: 'req/s', yardstick, ratio: value / yardstick });
}

async function newPatient(client: FhirClient): Promise<string> {
  const body = JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Crud' }] });
  const answer = await client.request('POST', '/Patient', body);
  expectStatus(answer, 201);
  return (JSON.parse(answer.body.toString()) as { id: string }).id;
}

async function one(client: FhirClient, patient: string, round: number): Promise<void> {
  const observation = observationOf(patient, round);
  const created = await client.request('POST', '/Observation', JSON.stringify(observation));
  expectStatus(created, 201);
  const { id } = JSON.parse(created.body.toString()) as { id: string };
  const path = `/Observation/${id}`;
  expectStatus(await client.request('GET', path), 200);
  expectStatus(
    await client.request('PUT', path, JSON.stringify({ ...observation, id, status: 'final' })),
    200,
  );
  expectStatus(await client.request('GET', path), 200);
  expectStatus(await client.request('DELETE', path), 200, 204);
}
