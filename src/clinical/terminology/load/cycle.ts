/**
 * Ordinals of a circle in a hierarchy, each below the next; empty where there is none. Leaves are taken away until none is left (Kahn), in memory of a few bytes an edge.
 */
export function cycleIn(
  count: number,
  children: readonly (readonly number[])[],
  parents: readonly (readonly number[])[],
): readonly number[] {
  const edges = children.reduce((sum, piece) => sum + piece.length, 0);
  const start = new Uint32Array(count + 1);
  for (const piece of children) for (const child of piece) start[child + 1] = (start[child + 1] ?? 0) + 1;
  for (let at = 0; at < count; at += 1) start[at + 1] = (start[at + 1] ?? 0) + (start[at] ?? 0);
  const upward = new Uint32Array(edges);
  const fill = start.slice();
  const below = new Uint32Array(count);
  children.forEach((piece, index) => {
    piece.forEach((child, at) => {
      const parent = parents[index]?.[at] ?? 0;
      const slot = fill[child] ?? 0;
      upward[slot] = parent;
      fill[child] = slot + 1;
      below[parent] = (below[parent] ?? 0) + 1;
    });
  });
  const left = takeLeaves({ count, start, upward, below });
  const first = left.indexOf(1);
  return first === -1 ? [] : circleFrom(first, { start, upward, left });
}

interface Graph {
  readonly count: number;
  readonly start: Uint32Array;
  readonly upward: Uint32Array;
  readonly below: Uint32Array;
}

/** 1 for each that is in a circle or above one. */
function takeLeaves({ count, start, upward, below }: Graph): Uint8Array {
  const left = new Uint8Array(count).fill(1);
  const open: number[] = [];
  for (let at = 0; at < count; at += 1) if (below[at] === 0) open.push(at);
  for (let leaf = open.pop(); leaf !== undefined; leaf = open.pop()) {
    left[leaf] = 0;
    for (let slot = start[leaf] ?? 0; slot < (start[leaf + 1] ?? 0); slot += 1) {
      const parent = upward[slot] ?? 0;
      const rest = (below[parent] ?? 1) - 1;
      below[parent] = rest;
      if (rest === 0) open.push(parent);
    }
  }
  return left;
}

/** Of those left each has a child that is left; going down from one of them leads into a circle. */
function circleFrom(
  first: number,
  { start, upward, left }: Pick<Graph, 'start' | 'upward'> & { readonly left: Uint8Array },
): readonly number[] {
  const childOf = new Map<number, number>();
  for (let child = 0; child < left.length; child += 1) {
    if (left[child] !== 1) continue;
    for (let slot = start[child] ?? 0; slot < (start[child + 1] ?? 0); slot += 1)
      childOf.set(upward[slot] ?? 0, child);
  }
  const seen = new Set<number>();
  let at = first;
  while (!seen.has(at)) {
    seen.add(at);
    at = childOf.get(at) ?? at;
  }
  const circle = [at];
  for (
    let next = childOf.get(at);
    next !== undefined && next !== at && circle.length < 10;
    next = childOf.get(next)
  )
    circle.push(next);
  return [...circle, at].reverse();
}
