import { formats } from './index.ts';

export interface TerminologyFormat {
  /** As the command line has it. */
  readonly name: string;
  /** What it is and which files are wanted. */
  readonly text: string;
}

export const terminologyFormats: readonly TerminologyFormat[] = formats.map(({ name, text }) => ({
  name,
  text,
}));
