import { IsthmusError } from '../errors/index.ts';

export interface ConfigProblem {
  /** A variable, or a path in the configuration as `channels[2].to[0]`. */
  readonly place: string;
  /** What is wrong and what is expected, without the value. */
  readonly text: string;
}

/** CONFIG_INVALID with every mistake, not only the first. */
export class ConfigError extends IsthmusError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('CONFIG_INVALID', { rule: problems.map(({ place, text }) => `${place}: ${text}`).join('; ') });
    this.problems = problems;
  }
}
