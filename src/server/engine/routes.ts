import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Profiles } from '../../clinical/packages/index.ts';
import type { Terminology } from '../../clinical/terminology/index.ts';
import { type AuditBatches, groupAudit } from '../../foundation/audit/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { ClientCheck } from '../../foundation/http/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { BulkExport } from '../../gateway/bulk-data/index.ts';
import { fhirApi } from '../../gateway/fhir/index.ts';
import { type MessagesView, registerFlow } from '../../operations/flow/index.ts';
import { type Access, type AccessContext, systemContext } from '../../trust/access/index.ts';
import { packageVersion } from '../package-root.ts';
import { auditReads } from './audit-reads.ts';
import { operatorName } from './clients.ts';
import type { Operations } from './operations.ts';

export interface RoutesOptions {
  readonly access: Access;
  readonly profiles: Pick<Profiles, 'validator' | 'profilesOf'>;
  readonly exports: Pick<BulkExport, 'interactions'>;
  readonly terminology: Pick<Terminology, 'source'>;
  readonly operations: Operations;
  /** Systems of identifiers that the configuration names. */
  readonly numberSystems: () => readonly string[];
  readonly check: ClientCheck;
  readonly audit: AuditBatches;
  /** What cursors of pages are sealed with; the same on every node. */
  readonly cursorSecret: string;
  readonly guard: (request: FastifyRequest) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The routes of the modules above: the flow page and the FHIR API. */
export function registerRoutes(app: FastifyInstance, options: RoutesOptions): void {
  const { access, operations, guard, check, clock, logger } = options;
  const flow = registerFlow(app, {
    ...{ guard, clock, logger },
    timeline: operations.timeline,
    picture: () => operations.picture(),
    openMessages: () => messagesView(access),
  });
  // Open pages would keep the server from closing.
  app.addHook('preClose', async () => flow.close());
  app.register(
    fhirApi({
      ...{ access, check, clock, logger, terminology: options.terminology },
      validator: options.profiles.validator,
      profilesOf: (type) => options.profiles.profilesOf(type),
      contextOf,
      identity: { systems: options.numberSystems },
      version: packageVersion(),
      further: options.exports.interactions,
      secret: options.cursorSecret,
      heard: auditReads(groupAudit(options.audit)),
    }),
  );
}

/** Every client reads and writes for treatment; the operator decides who is who as well. */
const contextOf = (client: string): AccessContext =>
  client === operatorName ? { ...systemContext(client), rights: ['identity'] } : systemContext(client);

/** The lists without contents: who looks at the flow page operates the exchange. */
function messagesView(access: Access): MessagesView {
  const door = access.openMessages({ who: 'flow page', purpose: 'HOPERAT' });
  return {
    messages: (filter) => door.messages(filter),
    entries: (filter) => door.entries(filter),
    async message(id) {
      const [found] = await door.messages({ beforeId: id + 1, limit: 1 });
      return found?.id === id ? found : undefined;
    },
    trace: (id) => door.trace(id),
  };
}
