import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/**
 * The fault suite: what breaks is broken for real (processes killed and stopped, connections cut, servers restarted, disks full), and an
 * independent checker judges. One file after the other, because several of them measure rates on a machine of two cores.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['tests/faults/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
