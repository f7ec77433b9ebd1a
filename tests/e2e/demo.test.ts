import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDays } from '../../demo/population/index.ts';
import { eventually, removeHome } from '../support/index.ts';
import { openBrowser } from './support/browser.ts';
import { processesNaming, Terminal } from './support/terminal.ts';

/** The demo as `npm start` runs it, on a machine where the usual ports are taken, watched in a browser, stopped and started again. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'isthmus-demo-'));
const startScript = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile).scripts
  .start;

interface PackageFile {
  readonly scripts: { readonly start: string };
}

/** Names of the terminal's lines: `10:42:07.113  ADT^A08  general → adt  #1042  acknowledged  1.2 ms`. */
const acknowledged = /^\S+ {2}(\S+) +general → adt +#(\d+) +acknowledged +[\d.]+ m?s$/gm;

let demo: Terminal;
let browser: Browser;
const squatters: Server[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  for (const port of [8080, 2575]) squatters.push(await occupy(port));
  demo = startDemo();
  await demo.until(/^ready in /m);
});

afterAll(async () => {
  await demo?.close();
  await browser?.close();
  for (const server of squatters) server.close();
  await removeHome(home);
});

/** `npm start` builds first; the rest of its line is started here as it stands there. */
function startDemo(): Terminal {
  const [program = 'node', ...parameters] = startScript.split(' ');
  const { PORT: _http, MLLP_PORT: _mllp, DATABASE_URL: _database, ...rest } = process.env;
  return new Terminal([program, ...parameters], {
    cwd: root,
    env: {
      ...(rest as Record<string, string>),
      ISTHMUS_HOME: home,
      PORT: '',
      MLLP_PORT: '',
      DATABASE_URL: '',
    },
  });
}

/** Takes a port, unless somebody else has it already: taken is what counts. */
function occupy(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(server));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function urlOf(terminal: Terminal): string {
  const [, url] = /flow page (http:\S+?)[,\s]/.exec(terminal.output) ?? [];
  if (url === undefined) throw new Error(`no address in the ready line:\n${terminal.output}`);
  return url;
}

const messageIds = (terminal: Terminal) =>
  [...terminal.output.matchAll(acknowledged)].map(([, , id]) => Number(id));

interface Filed {
  readonly controlId: string;
  readonly type: string;
  readonly body: string;
}

function filed(): Filed[] {
  const lines = readFileSync(join(home, 'demo/hospital/hospital-received.ndjson'), 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Filed);
}

/** Every family and given name of the people who are under way. */
function namesOfPatients(): string[] {
  const [firstDate = ''] = new Date().toISOString().split('T');
  const { value: day } = createDays({ seed: 1, firstDate }).next();
  const patients = day.events.map(({ patient }) => patient);
  return [...new Set(patients.flatMap(({ family, given, mrn }) => [family, given, mrn]))];
}

function namesIn(text: string | null): string[] {
  const words = new Set((text ?? '').split(/[^\p{L}\p{N}-]+/u).map((word) => word.toLowerCase()));
  return namesOfPatients().filter((name) => words.has(name.toLowerCase()));
}

test('the usual ports are taken: it says so, and takes the next free ones', () => {
  expect(demo.output).toMatch(/^port 8080 is taken; HTTP is on \d+$/m);
  expect(demo.output).toMatch(/^port 2575 is taken; MLLP is on \d+$/m);
});

test('messages are acknowledged, the platform is notified and pulls, each with its latency', async () => {
  await demo.until(acknowledgedOnce);
  await demo.until(
    /^\S+ {2}(Patient|Encounter|Appointment|Observation)\/\S+ +adt → televisit +#\d+ +notified +[\d.]+ m?s$/m,
  );
  await demo.until(/^\S+ {2}\S+ +televisit → record +pulled +[\d.]+ m?s$/m);
});
const acknowledgedOnce = new RegExp(acknowledged.source, 'm');

test('a visit is closed: the hospital files MDM^T02 and DFT^P03, once each', async () => {
  await demo.until(/MDM\^T02 +visits → general +#\d+ +sent/, 90_000);
  await demo.until(/DFT\^P03 +visits → general +#\d+ +sent/);
  const types = await eventually(() => filed().length >= 2 && filed().map(({ type }) => type));
  expect(new Set(types)).toEqual(new Set(['MDM^T02', 'DFT^P03']));
  const ids = filed().map(({ controlId }) => controlId);
  expect(new Set(ids).size, 'control ids').toBe(ids.length);
  const [charge] = filed().filter(({ type }) => type === 'DFT^P03');
  const text = Buffer.from(charge?.body ?? '', 'base64').toString('utf8');
  expect(text).toMatch(/^FT1\|/m);
});

test('the FHIR API gives nothing without the token, and a patient with it', async () => {
  const patients = `${urlOf(demo)}/fhir/R4/Patient?_count=1`;
  expect((await fetch(patients)).status).toBe(401);
  const token = readFileSync(join(home, 'token'), 'utf8').trim();
  const answer = await fetch(patients, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  const bundle = (await answer.json()) as { entry: { resource: { resourceType: string } }[] };
  expect(bundle.entry[0]?.resource.resourceType).toBe('Patient');
  expect(namesIn(JSON.stringify(bundle)), 'names are found where they are').not.toEqual([]);
});

describe('the flow page', () => {
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(urlOf(demo).replace('127.0.0.1', 'localhost'));
  });

  test('shows the way of both channels, and what happens while it happens', async () => {
    await page.getByRole('status').getByText('running').waitFor();
    for (const heading of ['Channel adt', 'Channel visits'])
      await page.getByRole('heading', { name: heading }).waitFor();
    const lastMessage = async () => {
      const numbers = await page.locator('#events td.number a').allTextContents();
      return Math.max(...numbers.map((text) => Number(text.slice(1))));
    };
    const before = await eventually(
      async () => Number.isFinite(await lastMessage()) && (await lastMessage()),
    );
    await eventually(async () => (await lastMessage()) > before, {
      deadlineMs: 15_000,
      what: 'a newer message on the page',
    });
    const delivered = page.locator('.stop .figure', { hasText: 'delivered' }).first();
    await eventually(async () => Number.parseInt((await delivered.textContent()) ?? '', 10) > 0, {
      what: 'a count of deliveries',
    });
    expect(problems).toEqual([]);
  });

  test('leads from a number to the messages behind it, and shows nobody by name', async () => {
    expect(namesIn(await page.locator('body').textContent())).toEqual([]);
    await page.locator('#events td.number a').first().click();
    await page.getByRole('heading', { name: /^Message #\d+$/ }).waitFor();
    expect(namesIn(await page.locator('body').textContent())).toEqual([]);
    await page.goto(`${urlOf(demo)}/flow/messages`);
    await page.getByRole('heading', { name: 'Messages' }).waitFor();
    expect(namesIn(await page.locator('body').textContent())).toEqual([]);
    expect(namesIn(demo.output)).toEqual([]);
  });
});

test('Ctrl-C stops everything and leaves no process; the next start goes on where this one was', async () => {
  const before = messageIds(demo);
  expect(before.length).toBeGreaterThan(0);
  expect(await demo.ctrlC(30_000)).toBe(0);
  expect(demo.output).toMatch(/the next start goes on where this one was/);
  expect(processesNaming(home)).toEqual([]);
  const wereFiled = filed();

  demo = startDemo();
  await demo.until(/^ready in /m);
  await demo.until(acknowledgedOnce);
  expect(Math.min(...messageIds(demo)), 'the first message after the start').toBeGreaterThan(
    Math.max(...before),
  );
  await demo.until(/(MDM\^T02|DFT\^P03) +visits → general +#\d+ +sent/, 90_000);
  const now = filed();
  expect(now.slice(0, wereFiled.length)).toEqual(wereFiled);
  expect(new Set(now.map(({ controlId }) => controlId)).size).toBe(now.length);

  expect(await demo.ctrlC(30_000)).toBe(0);
  expect(processesNaming(home)).toEqual([]);
});
