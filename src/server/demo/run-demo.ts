import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../foundation/clock/index.ts';
import type { Settings } from '../../foundation/config/index.ts';
import { secretAt } from '../../foundation/crypto/index.ts';
import type { FlowEventDraft } from '../../operations/timeline/index.ts';
import { formatLine } from '../../operations/timeline/index.ts';
import { currentSettings, loggerOf } from '../commands/settings.ts';
import { endOnDefect, listenForStop } from '../commands/until-signal.ts';
import { type RunningIsthmus, startIsthmus } from '../engine/index.ts';
import { packageRoot } from '../package-root.ts';
import { Companion, type ReportLine } from './companion.ts';
import { firstFreePort } from './free-port.ts';
import { refuseSecondDemo } from './only-demo.ts';
import { hospitalLine, televisitLine } from './reports.ts';

/**
 * `isthmus start --demo`: the engine, a simulated hospital and a simulated telehealth platform, each a process of its own, until Ctrl-C.
 * Everything is kept in ISTHMUS_HOME, so the next start goes on where this one stopped.
 */
export async function runDemo(): Promise<void> {
  const settings = currentSettings();
  const logger = loggerOf(settings, { quiet: true });
  const signal = listenForStop();
  endOnDefect(logger);
  const files = await prepareFiles(settings);
  await refuseSecondDemo(files.folder);
  const ports = await choosePorts(settings);
  const news = createNews();
  const companions = createCompanions({ settings, files, ports, report: news.report });
  try {
    const [hospital, televisit] = await Promise.all([
      companions.hospital.start(),
      companions.televisit.start(),
    ]);
    Object.assign(process.env, {
      MLLP_PORT: String(ports.mllp),
      HOSPITAL_MLLP_PORT: String(hospital.mllp),
      TELEVISIT_URL: String(televisit.url),
      TELEVISIT_SECRET: files.secret,
    });
    const running = await startIsthmus({
      configPath: join(packageRoot(), 'demo/isthmus.config.ts'),
      settings: { ...settings, port: ports.http },
      logger,
      clients: [{ name: 'televisit', path: files.tokenFile }],
    });
    sayReady(running, { hospital, televisit, settings, ports });
    news.follow(running);
    process.on('SIGHUP', () => void running.reload());
    await signal.untilStopped(() => {
      news.mute();
      return stopAll(running, companions);
    }, logger);
    process.stdout.write('stopped; the next start goes on where this one was\n');
    process.exit(0);
  } catch (error) {
    await Promise.all([companions.hospital.stop(), companions.televisit.stop()]);
    throw error;
  }
}

interface DemoFiles {
  readonly folder: string;
  readonly tokenFile: string;
  readonly secretFile: string;
  /** Of the webhook: `whsec_…`. */
  readonly secret: string;
}

/** The platform's own token and the webhook's secret, made at the first start, readable by their owner only. */
async function prepareFiles({ home }: Settings): Promise<DemoFiles> {
  const folder = join(home, 'demo');
  await mkdir(folder, { recursive: true });
  const key = await secretAt(join(folder, 'webhook-key'));
  const secret = `whsec_${Buffer.from(key, 'base64url').toString('base64')}`;
  const secretFile = join(folder, 'webhook-secret');
  await writeFile(secretFile, `${secret}\n`, { mode: 0o600, flush: true });
  return { folder, secret, secretFile, tokenFile: join(folder, 'televisit-token') };
}

interface DemoPorts {
  readonly http: number;
  readonly mllp: number;
}

/** The usual ports, or the next free ones; a port that was asked for is not exchanged. */
async function choosePorts({ host, port, mllpPort, given }: Settings): Promise<DemoPorts> {
  const [http, mllp] = await Promise.all([
    given.has('port') ? port : firstFreePort(host, port),
    given.has('mllpPort') ? mllpPort : firstFreePort('127.0.0.1', mllpPort),
  ]);
  if (http !== port) process.stdout.write(`port ${port} is taken; HTTP is on ${http}\n`);
  if (mllp !== mllpPort) process.stdout.write(`port ${mllpPort} is taken; MLLP is on ${mllp}\n`);
  return { http, mllp };
}

interface CompanionParts {
  readonly settings: Settings;
  readonly files: DemoFiles;
  readonly ports: DemoPorts;
  readonly report: (draft: FlowEventDraft | undefined) => void;
}

interface Companions {
  readonly hospital: Companion;
  readonly televisit: Companion;
}

function createCompanions({ settings, files, ports, report }: CompanionParts): Companions {
  const dist = join(packageRoot(), 'dist');
  const ended = (from: string) => (outcome: string) =>
    report({ what: '', from, to: '', outcome, tone: 'bad' });
  const engineHost = settings.host === '0.0.0.0' || settings.host === '::' ? '127.0.0.1' : settings.host;
  return {
    hospital: new Companion({
      name: 'hospital',
      file: join(dist, 'demo-hospital.js'),
      port: ports.mllp + 1,
      argv: (port) => [
        ...['--engine', `127.0.0.1:${ports.mllp}`, '--listen', String(port)],
        ...['--home', join(files.folder, 'hospital')],
      ],
      portOf: (ready) => Number(ready.mllp),
      clock: systemClock,
      onLine: (line) => report(hospitalLine(line)),
      onEnd: ended('general'),
    }),
    televisit: new Companion({
      name: 'telehealth platform',
      file: join(dist, 'demo-televisit.js'),
      port: ports.http + 10,
      argv: (port) => [
        ...['--engine', `http://${engineHost}:${ports.http}`, '--listen', String(port)],
        ...['--token-file', files.tokenFile, '--secret-file', files.secretFile],
        ...['--home', join(files.folder, 'televisit')],
      ],
      portOf: (ready) => Number(new URL(String(ready.url)).port),
      clock: systemClock,
      onLine: (line) => report(televisitLine(line)),
      onEnd: ended('televisit'),
    }),
  };
}

/** Lines for the terminal. What the companions report before the engine runs is of no interest. */
function createNews() {
  let timeline: RunningIsthmus['timeline'] | undefined;
  const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  return {
    report(draft: FlowEventDraft | undefined): void {
      if (draft) timeline?.add(draft);
    },
    /** While all is being stopped, the companions complain of each other. */
    mute(): void {
      timeline = undefined;
    },
    follow(running: RunningIsthmus): void {
      const print = (event: Parameters<typeof formatLine>[0]) =>
        void process.stdout.write(`${formatLine(event, { colours })}\n`);
      timeline = running.timeline;
      for (const event of timeline.recent()) print(event);
      timeline.subscribe(print);
    },
  };
}

interface Addresses {
  readonly hospital: ReportLine;
  readonly televisit: ReportLine;
  readonly settings: Settings;
  readonly ports: DemoPorts;
}

function sayReady({ url }: RunningIsthmus, { hospital, televisit, settings, ports }: Addresses): void {
  const addresses = [
    `flow page ${url}`,
    `FHIR ${url}/fhir/R4 (token in ${join(settings.home, 'token')})`,
    `MLLP 127.0.0.1:${ports.mllp}`,
    `hospital 127.0.0.1:${hospital.mllp}`,
    `telehealth platform ${televisit.url}`,
  ];
  process.stdout.write(`ready in ${(performance.now() / 1000).toFixed(1)} s: ${addresses.join(', ')}\n`);
}

/** The engine first, so that nothing it still delivers finds a closed door. */
async function stopAll(running: RunningIsthmus, { hospital, televisit }: Companions): Promise<void> {
  await running.stop();
  await Promise.all([hospital.stop(), televisit.stop()]);
}
