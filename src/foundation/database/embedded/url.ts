import type { Address } from './settings.ts';

/** Where a server listens, as openDatabase takes it. Holds the password, so it belongs in no log. */
export function urlOf({ socketDirectory: directory, port }: Address, password: string): string {
  const host =
    directory === undefined
      ? `127.0.0.1:${port}/isthmus`
      : `localhost:${port}/isthmus?host=${encodeURIComponent(directory)}`;
  return `postgresql://isthmus:${password}@${host}`;
}
