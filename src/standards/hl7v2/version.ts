export const OWN_VERSION = '2.5.1';

/**
 * Orders versions by their numbers: negative when `left` is older. '2.5.1' > '2.5' > '2.3.1'. What is no version
 * (or '') counts as the one this product writes, 2.5.1.
 */
export function compareVersions(left: string, right: string): number {
  return rankOf(left) - rankOf(right);
}

const ranks = new Map<string, number>();
const MAX_CACHED = 100;

function rankOf(version: string): number {
  const known = ranks.get(version);
  if (known !== undefined) return known;
  const [, major, minor, patch = '0'] = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?$/.exec(version) ?? [
    '',
    '2',
    '5',
    '1',
  ];
  const rank = Number(major) * 1_000_000 + Number(minor) * 1_000 + Number(patch);
  if (ranks.size < MAX_CACHED) ranks.set(version, rank);
  return rank;
}
