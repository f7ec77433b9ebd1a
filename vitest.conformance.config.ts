import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Conformance runs over collections of real messages and official examples; ISTHMUS_CORPORA says where they are. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['tests/conformance/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
