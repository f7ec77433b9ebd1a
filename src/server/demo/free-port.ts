import { createServer } from 'node:net';
import { IsthmusError } from '../../foundation/errors/index.ts';

const portsTried = 20;

/** The wanted port, or the next free one after it. Throws PORT_TAKEN when twenty in a row are taken. */
export async function firstFreePort(host: string, wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + portsTried && port <= 65_535; port += 1) {
    if (await isFree(host, port)) return port;
  }
  throw new IsthmusError('PORT_TAKEN', {
    place: `${host}:${wanted}`,
    rule: `and so are the ${portsTried - 1} ports after it`,
  });
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    probe.listen({ host, port }, () => probe.close(() => resolve(true)));
  });
}
