/**
 * How many at once: works that take turns (`Admission`), and calls that go together (`grouped`). It promises: order of arrival, a bound on
 * what runs, waits and how long, and that one who fails fails alone. It never does: retry, or drop a work without telling its caller.
 */
export { Admission, type AdmissionOptions } from './admission.ts';
export { allDone, type GroupedOptions, grouped } from './grouped.ts';
export { KeyedGroups } from './keyed-groups.ts';
