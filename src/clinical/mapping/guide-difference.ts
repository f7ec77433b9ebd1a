/** Where we differ from the v2-to-FHIR guide 1.0.0 on purpose. The report of what is covered (npm run conformance) shows each with its reason. */
export interface GuideDifference {
  /** The guide's name of the map, `PID[Patient]`; one that ends in `*` stands for all that begin so. */
  readonly map: string;
  /** `PID-10`; all rows of the map when left out. */
  readonly identifier?: string;
  /** The attribute begins so; all of the field when left out. */
  readonly attribute?: string;
  readonly why: string;
}
