import type { Migration } from '../../foundation/database/index.ts';
import persons from './migrations/0080_persons.sql';
import matching from './migrations/0081_matching.sql';

/**
 * Who stands behind whom: persons, and the decisions that link, merge and part them (docs/design/identity.md, rules ID1 ff.).
 */
export const migrations: Migration[] = [
  { number: 80, name: 'persons', text: persons },
  { number: 81, name: 'matching', text: matching },
];
