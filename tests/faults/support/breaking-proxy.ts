import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A network between the engine and PostgreSQL that loses replies at the worst moment: when what was sent commits. It reads just enough
 * of the protocol to know that moment (COMMIT as a simple query, or the intake's statement, which commits by itself).
 */
export interface BreakingProxy {
  readonly url: string;
  /** How often a reply was lost, by way. */
  readonly lost: Readonly<Record<LossMode, number>>;
  /** The next commit is broken in this way. */
  breakNext(mode: LossMode): void;
  stop(): Promise<void>;
}

/**
 * `reply`: it takes place and the answer is lost with the connection. `request`: it never reaches the server. `late`: the connection is
 * cut at once, and what was sent still arrives a moment later, when the engine may already be repeating it.
 */
export type LossMode = 'reply' | 'request' | 'late';

const COMMITS = [Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1'), Buffer.from('queue_accept_batch\0', 'latin1')];

export async function breakingProxy(databaseUrl: string): Promise<BreakingProxy> {
  const target = new URL(databaseUrl);
  const directory = target.searchParams.get('host');
  const port = Number(target.port || 5432);
  const sockets = new Set<Socket>();
  const lost = { reply: 0, request: 0, late: 0 };
  let armed: LossMode | undefined;
  const server = createServer((client) => {
    const upstream = directory ? connect(`${directory}/.s.PGSQL.${port}`) : connect(port, target.hostname);
    let losing: LossMode | undefined;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    upstream.on('close', () => client.destroy());
    client.on('close', () => {
      if (losing !== 'late') upstream.destroy();
    });
    client.on('data', (bytes: Buffer) => {
      if (losing) return;
      if (armed && COMMITS.some((commit) => bytes.includes(commit))) {
        losing = armed;
        armed = undefined;
        lost[losing] += 1;
        if (losing === 'request') return void client.destroy();
        if (losing === 'late') {
          client.destroy();
          setTimeout(() => upstream.end(bytes), 60);
          return;
        }
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (losing) client.destroy();
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const url = new URL(databaseUrl);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    lost,
    breakNext: (mode) => {
      armed = mode;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
