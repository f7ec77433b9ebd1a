import type { Interaction } from '../interaction.ts';
import { capabilityStatement } from './statement.ts';

/** http.html#capabilities. The statement is made when it is first asked for, and again when other profiles are loaded. */
export const metadata: Interaction = {
  name: 'capabilities',
  method: 'GET',
  path: '/metadata',
  body: 'none',
  effect: 'read',
  open: true,
  async run({ base }, services) {
    return { status: 200, body: capabilityStatement(base, services) };
  },
};
