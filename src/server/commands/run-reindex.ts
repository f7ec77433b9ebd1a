import { countStale, reindex } from '../../clinical/record/index.ts';
import { loadKeyring } from '../../foundation/crypto/index.ts';
import { printJson, printLine } from './output.ts';
import { withStore } from './with-store.ts';

/** A line of progress for so many resources. */
const EVERY = 10_000;

export async function runReindex(json: boolean): Promise<void> {
  const done = await withStore(async ({ database, settings }) => {
    const keyring = settings.keys === undefined ? undefined : await loadKeyring(settings.keys);
    const stale = await countStale(database);
    let said = 0;
    return reindex(database, {
      ...(keyring ? { keyring } : {}),
      onProgress(count) {
        if (count - said < EVERY) return;
        said = count;
        if (!json) printLine(`${count} of ${stale} resources`);
      },
    });
  });
  if (json) printJson({ done });
  else
    printLine(
      done === 0 ? 'nothing was to be done' : `${done} resources are searched as this version reads them`,
    );
}
