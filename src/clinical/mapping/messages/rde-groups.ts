import type { Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';
import type { Result } from './oru-groups.ts';

/** ORC with the drug as it was asked for (RXO) and as it was encoded (RXE), each with its own timing, route and components. */
export interface DrugOrder {
  readonly orc: Segment | undefined;
  rxo: Segment | undefined;
  rxe: Segment | undefined;
  /** Of RXE, where it has any; or else of RXO. */
  timings: Segment[];
  routes: Segment[];
  components: Segment[];
  readonly notes: Segment[];
  readonly results: Result[];
}

interface DrugOrders {
  readonly orders: readonly DrugOrder[];
  /** What stands before any order. */
  readonly strays: readonly Segment[];
}

const KINDS = { TQ1: 'timings', RXR: 'routes', RXC: 'components' } as const;
const isKind = (name: string): name is keyof typeof KINDS => Object.hasOwn(KINDS, name);

/** RDE_O11 and RDE_O25 (2.5.1, 4.13.6), read leniently: an RXE without an ORC is an order by itself. */
export function drugOrdersOf(message: Hl7Message): DrugOrders {
  const reader = new Reader();
  for (const segment of message.segments()) reader.take(segment);
  return reader;
}

class Reader implements DrugOrders {
  readonly orders: DrugOrder[] = [];
  readonly strays: Segment[] = [];
  /** What the encoded order has said itself. */
  #said = new Set<string>();
  #last: Result | undefined;

  take(segment: Segment): void {
    const { name } = segment;
    const open = this.orders.at(-1);
    if (name === 'ORC') this.#begin(segment);
    else if (name === 'RXO') (open && !open.rxo && !open.rxe ? open : this.#begin(undefined)).rxo = segment;
    else if (name === 'RXE') this.#encode(segment);
    else if (isKind(name)) this.#detail(name, segment);
    else if (name === 'OBX' && open) {
      this.#last = { obx: segment, notes: [] };
      open.results.push(this.#last);
    } else if (name === 'OBX') this.strays.push(segment);
    else if (name === 'NTE' && open) (this.#last ?? open).notes.push(segment);
  }

  #begin(orc: Segment | undefined): DrugOrder {
    const lists = { timings: [], routes: [], components: [], notes: [], results: [] };
    const order: DrugOrder = { orc, rxo: undefined, rxe: undefined, ...lists };
    this.orders.push(order);
    this.#said = new Set();
    this.#last = undefined;
    return order;
  }

  #encode(rxe: Segment): void {
    const open = this.orders.at(-1);
    (open && !open.rxe ? open : this.#begin(undefined)).rxe = rxe;
    this.#said = new Set();
    this.#last = undefined;
  }

  /** The first of a kind behind RXE takes the place of what was asked for. */
  #detail(name: keyof typeof KINDS, segment: Segment): void {
    const open = this.orders.at(-1);
    if (!open) {
      this.strays.push(segment);
      return;
    }
    const kind = KINDS[name];
    if (open.rxe && !this.#said.has(name)) open[kind] = [];
    this.#said.add(name);
    open[kind].push(segment);
  }
}
