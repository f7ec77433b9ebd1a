import type { Answer, Review, ReviewKind } from '../../clinical/identity/index.ts';

export interface JsonOption {
  readonly json?: boolean;
}

export interface ReviewsOptions extends JsonOption {
  readonly state: Review['state'];
  readonly kind?: ReviewKind;
  readonly about?: string;
  readonly limit: number;
}

export interface DecideOptions extends JsonOption {
  readonly reason: string;
}

export interface AnswerOptions extends DecideOptions {
  readonly answer: Answer;
  readonly part?: string;
}

export interface ReconcileCommandOptions extends JsonOption {
  readonly all?: boolean;
}

export interface EstimateCommandOptions extends JsonOption {
  readonly sample: number;
  readonly adopt?: boolean;
  readonly shipped?: boolean;
  readonly reason?: string;
}
