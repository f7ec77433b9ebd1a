import type { Interaction } from '../interaction.ts';
import { capabilityStatement } from './statement.ts';
import { terminologyCapabilities } from './terminology-capabilities.ts';

/** http.html#capabilities. The statement is made when it is first asked for, and again when other profiles are loaded; `mode=terminology` asks for the TerminologyCapabilities. */
export const metadata: Interaction = {
  name: 'capabilities',
  method: 'GET',
  path: '/metadata',
  body: 'none',
  effect: 'read',
  open: true,
  async run({ base, parameters }, services) {
    const mode = parameters.findLast(([name]) => name === 'mode')?.[1];
    const made = mode === 'terminology' ? terminologyCapabilities : capabilityStatement;
    return { status: 200, body: made(base, services) };
  },
};
