import type { CodeSystemView, Concept, Definition } from '../types.ts';
import { supplemented } from './supplements.ts';

/** A code system with what supplements add to its concepts (R4 codesystem.html#supplements), wherever it lies. Filters look at the code system alone. */
export function withSupplements(view: CodeSystemView, supplements: readonly Definition[]): CodeSystemView {
  if (supplements.length === 0) return view;
  return Object.create(view, {
    find: {
      value: async (codes: readonly string[]): Promise<ReadonlyMap<string, Concept>> => {
        const found = [...(await view.find(codes))];
        const more = supplemented(
          found.map(([, concept]) => concept),
          supplements,
        );
        return new Map(found.map(([code, concept], at) => [code, more[at] ?? concept]));
      },
    },
    select: {
      value: async (...asked: Parameters<CodeSystemView['select']>) =>
        supplemented(await view.select(...asked), supplements),
    },
  }) as CodeSystemView;
}
