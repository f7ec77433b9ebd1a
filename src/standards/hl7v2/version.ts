/**
 * Orders versions by their numbers: negative when `left` is older. '2.5.1' > '2.5' > '2.3.1'. What is no version
 * (or '') counts as the one this product writes, 2.5.1.
 */
export function compareVersions(left: string, right: string): number {
  const a = numbersOf(left);
  const b = numbersOf(right);
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const OWN_VERSION = '2.5.1';

function numbersOf(version: string): number[] {
  const usable = /^\d+(\.\d+)*$/.test(version) ? version : OWN_VERSION;
  return usable.split('.').map(Number);
}
