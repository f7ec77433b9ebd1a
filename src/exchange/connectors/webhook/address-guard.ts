import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { z } from 'zod';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { classifyAddress } from './ranges.ts';

/** A host that outgoing requests may go to. Compared as a whole, never by its beginning or end. */
export const allowedHost = z.strictObject({
  /** As in the URL: `hooks.example.org`, `127.0.0.1`, `[::1]`. */
  host: z
    .string()
    .min(1)
    .transform((host) => host.toLowerCase()),
  /** Without it the scheme's own: 443, or 80 for http. */
  port: z.int().min(1).max(65_535).optional(),
  /** http is enough: for loopback in a demo, or a tunnel that encrypts. */
  plaintext: z.boolean().default(false),
  /** Its addresses may be loopback or private (RFC 1918, unique local, carrier-grade NAT). */
  private: z.boolean().default(false),
});
export type AllowedHost = z.infer<typeof allowedHost>;

interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface AddressGuard {
  /** The URL, parsed, when a request may go there. Throws ADDRESS_FORBIDDEN naming the rule; the URL's path is never quoted. */
  check(url: string | URL): URL;
  /** Resolves and checks in one step for `net.connect`: the connection goes to an address that was checked, and to no other. */
  lookupFor(url: URL): LookupFunction;
}

const forbidden = (place: string, rule: string) => new IsthmusError('ADDRESS_FORBIDDEN', { place, rule });
const defaultPort = (url: URL) => (url.protocol === 'http:' ? 80 : 443);
const resolveAll: Resolve = (hostname) => systemLookup(hostname, { all: true, verbatim: true });

/** An address, or nothing, when the host of the URL is written as one. The URL parser has already undone `0x7f.1` and its like. */
function literal(url: URL): string | undefined {
  const bare = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return isIP(bare) === 0 ? undefined : bare;
}

function reachable(address: string, rule: AllowedHost): boolean {
  const kind = classifyAddress(address);
  return kind === 'public' || (kind === 'private' && rule.private);
}

/**
 * Guards outgoing HTTP against being sent where it must not go (SSRF). Only listed hosts and ports; https unless the host is
 * listed with `plaintext`; no user in the URL; every address the name resolves to must be public, or private for a host listed so.
 * An empty list allows nothing.
 */
export function createAddressGuard(options: {
  allow: readonly AllowedHost[];
  resolve?: Resolve | undefined;
}): AddressGuard {
  const resolve = options.resolve ?? resolveAll;

  const ruleFor = (url: URL): AllowedHost => {
    const port = url.port === '' ? defaultPort(url) : Number(url.port);
    const rule = options.allow.find(
      (one) => one.host === url.hostname && (one.port ?? defaultPort(url)) === port,
    );
    if (!rule)
      throw forbidden(`${url.hostname}:${port}`, 'the host and port are not on the list of allowed hosts');
    return rule;
  };

  const check = (given: string | URL): URL => {
    const url = parse(given);
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw forbidden(url.protocol, 'the scheme is https');
    if (url.username !== '' || url.password !== '')
      throw forbidden(url.hostname, 'no user or password in the URL');
    const rule = ruleFor(url);
    if (url.protocol === 'http:' && !rule.plaintext)
      throw forbidden(url.hostname, 'http only for hosts listed with plaintext');
    const address = literal(url);
    if (address !== undefined && !reachable(address, rule))
      throw forbidden(url.hostname, 'the address is not public');
    return url;
  };

  const addressesFor = async (url: URL): Promise<readonly ResolvedAddress[]> => {
    const rule = ruleFor(url);
    const addresses = await resolve(url.hostname);
    if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
    // One bad address refuses the name: a mixture of public and private ones is how rebinding looks.
    if (!addresses.every(({ address }) => reachable(address, rule))) {
      throw forbidden(url.hostname, 'the name resolves to an address that is not public');
    }
    return addresses;
  };

  const lookupFor =
    (url: URL): LookupFunction =>
    (_hostname, lookupOptions, callback) => {
      addressesFor(url).then(
        (addresses) => {
          if (lookupOptions.all) return callback(null, [...addresses]);
          const first = addresses[0];
          callback(null, first?.address ?? '', first?.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, '', 0),
      );
    };

  return { check, lookupFor };
}

function parse(given: string | URL): URL {
  try {
    return new URL(given);
  } catch (error) {
    throw new IsthmusError('ADDRESS_FORBIDDEN', { place: 'url', rule: 'not a URL', cause: error });
  }
}
