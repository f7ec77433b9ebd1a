/**
 * Negative when the first is older. Numbers count as numbers (6.10.0 is newer than 6.9.0), and what has a label (`7.0.0-ballot`) is older than the same without (semver.org, section 11).
 */
export function compareVersions(one: string, other: string): number {
  const [oneNumbers, oneLabel] = parts(one);
  const [otherNumbers, otherLabel] = parts(other);
  const numbers = compareLists(oneNumbers, otherNumbers);
  if (numbers !== 0) return numbers;
  if ((oneLabel === '') !== (otherLabel === '')) return oneLabel === '' ? 1 : -1;
  return compareLists(oneLabel.split('.'), otherLabel.split('.'));
}

function parts(version: string): [numbers: string[], label: string] {
  const [core = ''] = version.split('+');
  const dash = core.indexOf('-');
  return dash === -1 ? [core.split('.'), ''] : [core.slice(0, dash).split('.'), core.slice(dash + 1)];
}

function compareLists(one: readonly string[], other: readonly string[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const order = comparePart(one[at] ?? '', other[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(one: string, other: string): number {
  const areNumbers = /^\d{1,15}$/.test(one) && /^\d{1,15}$/.test(other);
  if (areNumbers) return Number(one) - Number(other);
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
