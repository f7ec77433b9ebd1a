import { type BuildOptions, type BuildResult, build, stop } from 'esbuild';

let active = 0;

/** One build. esbuild keeps a process of its own; it is ended when nobody builds, for it would stay as long as the engine. */
export async function bundleOnce<T extends BuildOptions>(options: T): Promise<BuildResult<T>> {
  active++;
  try {
    return await build<T>(options as Parameters<typeof build<T>>[0]);
  } finally {
    active--;
    if (active === 0) await stop();
  }
}
