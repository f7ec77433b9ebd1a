import type { Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';

/** FT1 with what belongs to it. */
export interface Transaction {
  readonly ft1: Segment;
  readonly notes: Segment[];
  readonly procedures: Segment[];
}

/** DFT_P03 and DFT_P11 (2.5.1, 6.4.3), read leniently: diagnoses are of the visit wherever they stand. */
export interface Charges {
  readonly transactions: Transaction[];
  readonly diagnoses: Segment[];
  /** PR1 before any FT1. */
  readonly procedures: Segment[];
  readonly observations: { readonly obx: Segment; readonly notes: Segment[] }[];
}

export function chargesOf(message: Hl7Message): Charges {
  const charges: Charges = { transactions: [], diagnoses: [], procedures: [], observations: [] };
  /** Where the next NTE belongs; those of an order are the order's. */
  let notes: Segment[] | undefined;
  for (const segment of message.segments()) {
    const { name } = segment;
    const transaction = charges.transactions.at(-1);
    if (name === 'FT1') {
      notes = [];
      charges.transactions.push({ ft1: segment, notes, procedures: [] });
    } else if (name === 'OBX') {
      notes = [];
      charges.observations.push({ obx: segment, notes });
    } else if (name === 'NTE') notes?.push(segment);
    else if (name === 'PR1') (transaction ?? charges).procedures.push(segment);
    else if (name === 'DG1') charges.diagnoses.push(segment);
    else if (name === 'ORC' || name === 'OBR') notes = undefined;
  }
  return charges;
}
