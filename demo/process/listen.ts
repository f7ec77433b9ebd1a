import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { UsageError } from './lifecycle.ts';

const portsToTry = 20;

/** Binds to the port or the next free one after it (0: any). Returns the port. Throws UsageError when none is free. */
export async function listenOnFreePort(server: Server, host: string, wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + portsToTry && port <= 65_535; port += 1) {
    if (await tryListen(server, host, port)) return (server.address() as AddressInfo).port;
  }
  throw new UsageError(
    `no port from ${wanted} to ${wanted + portsToTry - 1} is free on ${host}; choose another with --listen`,
  );
}

async function tryListen(server: Server, host: string, port: number): Promise<boolean> {
  server.listen({ host, port });
  try {
    await once(server, 'listening');
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE') return false;
    throw thrown;
  }
}
