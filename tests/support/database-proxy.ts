import { connect, createServer, type Socket } from 'node:net';

export interface DatabaseProxy {
  /** The database's URL, through the proxy. */
  readonly url: string;
  /** The next COMMIT reaches the server and takes place, but its answer is lost with the connection. */
  loseNextCommitReply(): void;
  /** From now on the server reads and does, but nobody hears of it; connections stay open. */
  silence(): void;
  /** The same for each connection once the server has said that it is ready for the first time. */
  silenceAfterLogin(): void;
  /** Cuts every connection and refuses new ones until `restore`. */
  cut(): void;
  restore(): void;
  stop(): Promise<void>;
}

const READY = Buffer.from('Z\0\0\0\x05I', 'latin1');
const COMMIT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');

/** A network between the engine and the database that tests can break. Sees bytes only, so it works for every statement of the driver. */
export async function openDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const directory = target.searchParams.get('host');
  const sockets = new Set<Socket>();
  let losing = false;
  let isCut = false;
  let isSilent = false;
  let silentAfterLogin = false;
  const server = createServer((client) => {
    if (isCut) return client.destroy();
    const upstream = directory
      ? connect(`${directory}/.s.PGSQL.${target.port || 5432}`)
      : connect(Number(target.port || 5432), target.hostname);
    let dropping = false;
    let loggedIn = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (losing && bytes.includes(COMMIT)) {
        losing = false;
        dropping = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (isSilent || (silentAfterLogin && loggedIn)) return;
      loggedIn ||= bytes.includes(READY);
      if (dropping) client.destroy();
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : '');
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    loseNextCommitReply() {
      losing = true;
    },
    silence() {
      isSilent = true;
    },
    silenceAfterLogin() {
      silentAfterLogin = true;
    },
    cut() {
      isCut = true;
      cutAll();
    },
    restore() {
      isCut = false;
    },
    stop() {
      cutAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
