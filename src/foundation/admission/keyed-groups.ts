import { type GroupedOptions, grouped } from './grouped.ts';

interface Group<Item, Result> {
  readonly add: (item: Item) => Promise<Result>;
  /** Items that wait or run; without one the group is forgotten. */
  pending: number;
}

/** `grouped` for many kinds of items: those of one key go together, those of different keys never meet. */
export class KeyedGroups<Item, Result> {
  readonly #limits: Omit<GroupedOptions<Item, Result>, 'run'>;
  readonly #groups = new Map<string, Group<Item, Result>>();

  constructor(limits: Omit<GroupedOptions<Item, Result>, 'run'>) {
    this.#limits = limits;
  }

  /** `run` must do the same for every item of the key, whoever hands it in. */
  async add(key: string, item: Item, run: GroupedOptions<Item, Result>['run']): Promise<Result> {
    const group = this.#groups.get(key) ?? { add: grouped({ ...this.#limits, run }), pending: 0 };
    this.#groups.set(key, group);
    group.pending += 1;
    try {
      return await group.add(item);
    } finally {
      group.pending -= 1;
      if (group.pending === 0) this.#groups.delete(key);
    }
  }
}
