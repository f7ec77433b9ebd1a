/** The canonical of an operation of ours; docs/how-to/find-patients.md says what it takes and gives. */
export const ours = (operation: string): string => `urn:isthmus:operation:${operation}`;
