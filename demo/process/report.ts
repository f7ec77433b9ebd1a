/** Writes one line of JSON to standard output, for the parent to read. Never a name, never a value of a patient. */
export type Report = (event: string, fields?: Readonly<Record<string, string | number | boolean>>) => void;

export const reportToStdout: Report = (event, fields = {}) => {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
};
