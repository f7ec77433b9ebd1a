import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/**
 * End to end: the built program as a user starts it, its demo, its pages in a real browser, and the tutorial word by word. One file after
 * the other, because each starts an engine with its own database.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['tests/e2e/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
