import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp } from 'node:fs/promises';
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingHttpHeaders,
} from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { acknowledge, frameMllp, MllpDecoder } from '../../src/standards/hl7v2/index.ts';
import { eventually, removeHome } from '../support/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist/cli.js');

const folders: string[] = [];
const processes: EngineProcess[] = [];
afterAll(async () => {
  await Promise.all(processes.map((engine) => engine.kill()));
  await Promise.all(folders.map(removeHome));
});

/** A data directory of its own; open to the user that PostgreSQL runs as when the tests run as root. */
export async function temporaryHome(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-server-'));
  await chmod(folder, 0o755);
  folders.push(folder);
  return folder;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of the machine the tests run on must not reach the engine under test. */
function environmentOf(more: Environment): Record<string, string | undefined> {
  const {
    DATABASE_URL: _1,
    PORT: _2,
    MLLP_PORT: _3,
    ISTHMUS_HOME: _4,
    ISTHMUS_KEYS: _5,
    ...rest
  } = process.env;
  return { ...rest, ...more };
}

/** `isthmus start` as a process of its own. */
export class EngineProcess {
  readonly child: ChildProcess;
  readonly url: string;
  log = '';
  readonly ended: Promise<number | null>;

  constructor(config: string, environment: Environment & { readonly PORT: string }) {
    this.url = `http://127.0.0.1:${environment.PORT}`;
    this.child = spawn(process.execPath, [cli, 'start', '--config', config], {
      env: environmentOf(environment),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
    });
    this.ended = once(this.child, 'exit').then(([code]) => code as number | null);
    processes.push(this);
  }

  async until(state: 'owner' | 'standby'): Promise<void> {
    await eventually(async () => (await this.readiness()).state === state, {
      deadlineMs: 30_000,
      what: `the engine to be ${state}; it said:\n${this.log}`,
    });
  }

  async readiness(): Promise<{ readonly status: number; readonly state: string }> {
    const response = await fetch(`${this.url}/readyz`);
    const { state } = (await response.json()) as { state: string };
    return { status: response.status, state };
  }

  /** As Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One `isthmus` command to its end. */
export async function isthmus(argv: readonly string[], environment: Environment): Promise<CommandResult> {
  const child = spawn(process.execPath, [cli, ...argv], { env: environmentOf(environment), cwd: root });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** Sends one message on a connection of its own and returns the acknowledgment. */
export async function sendMllp(port: number, message: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    const decoder = new MllpDecoder({ maxFrameBytes: 1_000_000 });
    const answer = new Promise<string>((resolve, reject) => {
      socket.on('data', (chunk: Buffer) => {
        for (const found of decoder.push(chunk))
          if (found.kind === 'frame') resolve(Buffer.from(found.body).toString());
      });
      socket.on('close', () => reject(new Error('closed without an answer')));
      socket.setTimeout(10_000, () => reject(new Error('no answer')));
    });
    socket.write(frameMllp(Buffer.from(message)));
    return await answer;
  } finally {
    socket.destroy();
  }
}

/** The hospital's own MLLP listener: says AA to everything and remembers it. */
export class MllpReceiver {
  readonly messages: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const decoder = new MllpDecoder({ maxFrameBytes: 1_000_000 });
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        for (const found of decoder.push(chunk)) {
          if (found.kind !== 'frame') continue;
          this.messages.push(Buffer.from(found.body).toString());
          const answer = acknowledge(found.body, { code: 'AA', controlId: 'R1', now: new Date() });
          socket.write(frameMllp(answer));
        }
      });
    });
  }

  listen = (): Promise<number> => listenOn(this.#server);

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface Notified {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The platform's webhook: says 204 to everything and remembers it. */
export class WebhookReceiver {
  readonly notified: Notified[] = [];
  readonly #server: HttpServer;

  constructor() {
    this.#server = createHttpServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (chunk: Buffer) => parts.push(chunk));
      request.on('end', () => {
        this.notified.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
        response.writeHead(204).end();
      });
    });
  }

  listen = (): Promise<number> => listenOn(this.#server);

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function listenOn(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A result of the laboratory about a patient whose name is found nowhere but in the record. */
export const oru = (controlId: string, value = '6.3'): string =>
  [
    `MSH|^~\\&|LAB|GENERAL|ISTHMUS|ISTHMUS|20260310090000-0500||ORU^R01^ORU_R01|${controlId}|P|2.5.1`,
    'PID|1||MRN-77001^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Kanarienvogel^Quirin||19710203|M',
    'OBR|1|P77|F77|24323-8^Metabolic panel^LN|||20260310083000-0500|||||||||||||||20260310085900-0500||LAB|F',
    `OBX|1|NM|2345-7^Glucose^LN||${value}|mmol/L|3.9-5.6|H|||F|||20260310083000-0500`,
    '',
  ].join('\r');

export const canaries = ['Kanarienvogel', 'Quirin', 'MRN-77001', '19710203'];
