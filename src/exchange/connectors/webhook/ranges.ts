import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * What kind of network an address lies in (IANA special-purpose registries, RFC 6890 and its updates).
 * `private` may be opened for a host by name; `never` may not: link-local (the metadata services of clouds), multicast,
 * unspecified, documentation, benchmarking and reserved ranges, and tunnels whose inner address can't be told.
 */
export type AddressClass = 'public' | 'private' | 'never';

function ranges(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix = ''] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

const private4 = ranges('ipv4', [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
]);
const never4 = ranges('ipv4', [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);
const private6 = ranges('ipv6', ['::1/128', 'fc00::/7']);
const global6 = ranges('ipv6', ['2000::/3']);
const never6 = ranges('ipv6', ['2001::/23', '2001:db8::/32', '3fff::/20']);

/** The eight groups of an IPv6 address, by way of the URL parser's canonical form (which also turns a dotted tail to hex). */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16));
}

const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The IPv4 address that a packet to this IPv6 address would reach in the end, when the address carries one. */
function embedded4(groups: readonly number[]): string | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const leading = a === 0 && b === 0 && c === 0 && d === 0;
  if (leading && e === 0 && f === 0xffff) return dotted(g, h); // ::ffff:0:0/96, IPv4-mapped
  if (leading && e === 0xffff && f === 0) return dotted(g, h); // ::ffff:0:0:0/96, IPv4-translated
  if (leading && e === 0 && f === 0 && (g !== 0 || h > 1)) return dotted(g, h); // ::/96, IPv4-compatible
  if (a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0) return dotted(g, h); // NAT64
  if (a === 0x2002) return dotted(b, c); // 6to4
  return undefined;
}

export function classifyAddress(address: string): AddressClass {
  if (isIPv4(address)) {
    if (never4.check(address, 'ipv4')) return 'never';
    return private4.check(address, 'ipv4') ? 'private' : 'public';
  }
  if (!isIPv6(address) || address.includes('%')) return 'never';
  const inner = embedded4(groupsOf(address));
  if (inner !== undefined) return classifyAddress(inner);
  if (private6.check(address, 'ipv6')) return 'private';
  return global6.check(address, 'ipv6') && !never6.check(address, 'ipv6') ? 'public' : 'never';
}
