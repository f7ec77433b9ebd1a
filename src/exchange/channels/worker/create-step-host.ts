import { stepWorkerFile } from '../load/own-files.ts';
import { type StepHost, type StepHostOptions, WorkerStepHost } from './step-host.ts';

/** A step host with the product's own worker file. `home` is the data directory. */
export async function createStepHost(
  options: Omit<StepHostOptions, 'workerFile'> & { readonly home: string },
): Promise<StepHost> {
  const { home, ...rest } = options;
  return new WorkerStepHost({ ...rest, workerFile: await stepWorkerFile(home) });
}
