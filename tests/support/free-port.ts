import { createServer } from 'node:net';

/** A port on loopback that was free a moment ago. Where the code under test can listen on port 0, let it. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      if (typeof address !== 'object' || address === null) return reject(new Error('no address'));
      probe.close(() => resolve(address.port));
    });
  });
}
