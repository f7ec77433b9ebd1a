import { defineConfig } from 'vitest/config';

/** Conformance runs over collections of real messages and official examples; ISTHMUS_CORPORA says where they are. */
export default defineConfig({
  test: {
    include: ['tests/conformance/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    pool: 'forks',
  },
});
