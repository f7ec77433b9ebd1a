import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/clinical/record/index.ts';
import { WebhookReceiver } from '../server/support.ts';
import { eventually } from '../support/index.ts';
import { adt, CLINIC, HOSPITAL, merge, openWorld, type Person, type World } from './world.ts';

/** Who follows changes hears of Patients that are published anew because of who stands behind whom. */

const platform = new WebhookReceiver();
let world: World;
beforeAll(async () => {
  world = await openWorld('{}', { hook: await platform.listen() });
}, 60_000);
afterAll(async () => {
  await world?.stop();
  await platform.close();
});

const person = (number: string, more: Partial<Person> = {}): Person => ({
  ...{ number, family: 'Okonkwo', given: 'Adaeze', born: '19710203', sex: 'F' },
  ...{ street: '14 Larkspur Lane', phone: '(217)555-0143', ...more },
});
const told = () =>
  platform.notified.map(({ body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { reference: string } };
    return `${type} ${data.reference}`;
  });
const idOf = (identifier: string, authority = HOSPITAL) => patientId({ authority, identifier });

test('[ID14] a merge is told of both Patients, and a link by the algorithm as well', async () => {
  const [stays, goes] = [person('P-1'), person('P-2', { street: '', phone: '' })];
  await world.send('adt', adt('A04', stays), adt('A04', goes));
  await world.settled();
  await eventually(() => told().length >= 2);
  const before = told().length;
  await world.send('adt', merge('A40', stays, goes));
  await eventually(() => {
    const since = told().slice(before);
    return [idOf('P-1'), idOf('P-2')].every((id) => since.includes(`Patient.updated Patient/${id}`));
  });

  const other = person('P-9', { authority: CLINIC, family: 'Zielinski', given: 'Lena', born: '19841123' });
  await world.send('clinic', adt('A28', other));
  await world.settled();
  await world.send('adt', adt('A28', { ...other, number: 'P-9', authority: HOSPITAL }));
  await world.settled();
  expect(await world.person('P-9')).toBe(await world.person('P-9', CLINIC));
  await eventually(() => told().includes(`Patient.updated Patient/${idOf('P-9')}`));
  for (const { body } of platform.notified) expect(body).not.toMatch(/Okonkwo|Zielinski|Larkspur/);
});
