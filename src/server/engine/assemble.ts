import type { Patient } from '@medplum/fhirtypes';
import { createIdentity, type Identity } from '../../clinical/identity/index.ts';
import { openProfiles, type Profiles } from '../../clinical/packages/index.ts';
import { createTranslator, openTerminology, type Terminology } from '../../clinical/terminology/index.ts';
import {
  type Channels,
  type ChannelsOptions,
  type LoadedConfig,
  pauseStore,
} from '../../exchange/channels/index.ts';
import { createQueueEngine, type QueueEngine } from '../../exchange/queue/index.ts';
import { createAudit } from '../../foundation/audit/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { Settings } from '../../foundation/config/index.ts';
import { type Keyring, loadKeyring } from '../../foundation/crypto/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import type { ClientCheck, HttpHost } from '../../foundation/http/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { sharedSecret } from '../../foundation/secrets/index.ts';
import { type BulkExport, createBulkExport } from '../../gateway/bulk-data/index.ts';
import { conditionsOf } from '../../operations/alarms/index.ts';
import type { NodeState } from '../../operations/status/index.ts';
import { type Access, createAccess, systemContext } from '../../trust/access/index.ts';
import { auditHeadFile } from './audit-head-file.ts';
import { type Chore, reindexChore, retentionChore, runLast, sealingChore, startChores } from './chores.ts';
import { validateDemanded } from './demanded-profiles.ts';
import { heldMessage } from './held-message.ts';
import { declaredSystems, feederIn } from './identity-options.ts';
import { IdentityInForce, identityChore } from './identity-upkeep.ts';
import { productKinds } from './kinds.ts';
import type { LoadedAndChecked } from './loaded.ts';
import { measuredSources } from './measured-sources.ts';
import { namesOf } from './observe/names.ts';
import { Receipts } from './observe/receipts.ts';
import { noteAnswered, watchChannels } from './observe/watch-channels.ts';
import { type Watching, watchQueue } from './observe/watch-queue.ts';
import { observePatients } from './observe-patients.ts';
import { createOperations, type Operations } from './operations.ts';
import { Ownership } from './ownership.ts';
import { patientKeys } from './patient-keys.ts';
import { recordEffect } from './record-effect.ts';
import { recordIdentity } from './record-identity.ts';
import { releaseHeld } from './release-held.ts';
import { Reloader } from './reloader.ts';
import { registerRoutes } from './routes.ts';
import type { RunningIsthmus } from './running.ts';
import type { ReadPatient } from './steps/close-visit.ts';
import { undoAll } from './undo.ts';
import { createWeb, type Web } from './web.ts';

export interface AssembleOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly check: ClientCheck;
  readonly portIsFixed: boolean;
  readonly database: Database;
  readonly loaded: LoadedAndChecked;
  readonly load: () => Promise<LoadedAndChecked>;
  /** What has to be undone, last first, when a later part does not come up; and at the end. */
  readonly undo: (() => Promise<void>)[];
}

/** What the parts of one node share. */
interface Node extends AssembleOptions {
  readonly keyring: Keyring | undefined;
  readonly cursorSecret: string;
  readonly access: Access;
  /** R4's rules and those of the loaded packages. */
  readonly profiles: Profiles;
  readonly terminology: Terminology;
  readonly identity: Identity;
  readonly exports: BulkExport;
  readonly operations: Operations;
  readonly watching: Watching;
  readonly reloader: Reloader;
  state: NodeState;
  /** Whether this node owned the queues at any time. */
  hasOwned: boolean;
}

/** Joins the parts and starts them: HTTP, queues, channels, chores. */
export async function assemble(options: AssembleOptions): Promise<RunningIsthmus> {
  const { undo, clock, logger, database, settings } = options;
  const keyring = settings.keys === undefined ? undefined : await loadKeyring(settings.keys);
  const cursorSecret = await sharedSecret(database, 'FHIR cursors');
  const audit = createAudit(database);
  const inForce = new IdentityInForce(database, () => looking.reloader.current.config);
  await inForce.refresh();
  const identity = identityOf(options, inForce, keyring);
  const observe = observePatients(identity, clock);
  const access = createAccess({
    ...{ database, audit, observe, identity },
    feederOf: (system) => feederIn(looking.reloader.current.config, system),
    ...(keyring ? { keyring } : {}),
  });
  const profiles = await openProfiles(database, { logger });
  undo.push(() => profiles.close());
  let ownership: Ownership | undefined;
  const channels = () => ownership?.channels;
  const looking = lookers(options, access, () => node.state, channels);
  const node: Node = {
    ...options,
    keyring,
    cursorSecret,
    access,
    profiles,
    terminology: openTerminology({ database, ...(keyring ? { keyring } : {}) }),
    exports: exportsOf(options, access, keyring),
    state: 'starting',
    hasOwned: false,
    identity,
    ...looking,
  };

  const sealing = sealingChore({ database, logger, anchorFile: auditHeadFile(settings.home) });
  // After HTTP and queues have stopped, which record to the end.
  undo.push(async () => {
    if (node.hasOwned) await runLast(sealing, clock);
  });
  const web = createNodeWeb(node);
  undo.push(() => web.server.stop());
  ownership = createOwnership(node, web.host);
  const owner = ownership;
  undo.push(() => owner.stop());
  const [listening] = await Promise.all([web.server.listen(), owner.begin()]);
  undo.push(() => node.exports.stop());
  node.exports.start();
  undo.push(async () => node.reloader.stop());
  node.reloader.watch();
  const chores = startChores(
    [...choresOf(node), identityChore({ database, clock, identity, inForce }), sealing],
    {
      clock,
      logger,
      isOwner: () => node.state === 'owner',
    },
  );
  undo.push(() => chores.stop());

  return {
    url: listening.url,
    timeline: node.operations.timeline,
    state: () => node.state,
    channels: () => channels()?.status() ?? [],
    reload: () => node.reloader.reload(),
    async stop() {
      node.state = 'stopping';
      await undoAll(undo, logger);
    },
  };
}

/** Who is who, by what the configuration in force declares. */
function identityOf(
  { database, clock, logger }: AssembleOptions,
  inForce: IdentityInForce,
  keyring: Keyring | undefined,
): Identity {
  return createIdentity({
    ...{ database, clock, logger, onAnswered: releaseHeld(database) },
    readMessage: heldMessage(database, keyring),
    settings: () => inForce.settings(),
    ...(keyring ? { keyring } : {}),
  });
}

/** Exports of whole records, by clients of the FHIR API. */
function exportsOf(
  { database, clock, logger }: AssembleOptions,
  access: Access,
  keyring: Keyring | undefined,
): BulkExport {
  const sealed = keyring ? { keyring } : {};
  return createBulkExport({ database, access, contextOf: systemContext, clock, logger, ...sealed });
}

/** Everything that looks on, and the configuration in force. */
function lookers(
  { clock, logger, loaded, load }: AssembleOptions,
  access: Access,
  state: () => NodeState,
  channels: () => Channels | undefined,
): Pick<Node, 'operations' | 'watching' | 'reloader'> {
  const messages = access.openMessages(systemContext('operations'));
  const operations = createOperations({
    clock,
    logger,
    state,
    channels: () => channels()?.status() ?? [],
    readQueues: () => messages.queues(),
  });
  const { timeline, observer, alarms } = operations;
  let names = namesOf(loaded.config);
  const reloader = new Reloader({
    ...{ clock, logger, timeline, loaded, load, channels },
    onChanged: ({ config }) => {
      names = namesOf(config);
      alarms.watch(conditionsOf(config.alerts ?? []));
    },
  });
  alarms.watch(conditionsOf(loaded.config.alerts ?? []));
  return {
    operations,
    reloader,
    watching: { timeline, observer, receipts: new Receipts(clock), names: () => names },
  };
}

function createNodeWeb(node: Node): Web {
  const { settings, portIsFixed, clock, logger, database, check, operations } = node;
  return createWeb({
    ...{ settings, portIsFixed, clock, logger, database, check },
    state: () => node.state,
    metrics: () => operations.metrics(),
    routes: (app, guard) =>
      registerRoutes(app, {
        ...{ ...node, guard },
        audit: createAudit(database),
        numberSystems: () => declaredSystems(node.reloader.current.config),
      }),
  });
}

function createOwnership(node: Node, http: HttpHost): Ownership {
  const { clock, logger, watching, operations, reloader } = node;
  return new Ownership({
    clock,
    logger,
    config: (): LoadedConfig => reloader.current,
    makeEngine: () => makeEngine(node),
    makeChannels: (engine) => channelsOptions(node, engine, http),
    onEngine: (engine) => watchQueue(engine, watching),
    onChannels: (channels) => watchChannels(channels, watching, logger),
    onState(state, reason) {
      if (node.state !== 'stopping') node.state = state;
      node.hasOwned ||= state === 'owner';
      const tone = state === 'owner' || state === 'stopping' ? 'plain' : 'warn';
      const outcome = reason === undefined ? state : `${state}: ${reason}`;
      operations.timeline.add({ what: 'node', from: '', to: '', outcome, tone });
    },
  });
}

function makeEngine({ database, clock, logger, keyring }: Node): QueueEngine {
  const audit = createAudit(database);
  return createQueueEngine({ database, clock, logger, audit, ...(keyring ? { keyring } : {}) });
}

function channelsOptions(node: Node, engine: QueueEngine, http: HttpHost): ChannelsOptions {
  const { keyring, clock, logger, environment, settings, database, watching, access, profiles, terminology } =
    node;
  const kinds = productKinds(patientReader(access));
  const sources = measuredSources(kinds.sources, clock, (answered) => noteAnswered(answered, watching));
  return {
    ...{ engine, clock, logger, environment, http },
    home: settings.home,
    kinds: { ...kinds, sources },
    effects: [
      recordEffect({
        ...{ clock, logger, ...(keyring ? { keyring } : {}) },
        validate: validateDemanded(profiles, logger),
        translator: createTranslator(terminology),
        identity: recordIdentity({ identity: node.identity, audit: createAudit(database) }),
      }),
    ],
    keysOf: patientKeys,
    pauses: pauseStore(database, createAudit(database)),
  };
}

/** The patient as the record has them, for who receives a visit's note and charges. */
function patientReader(access: Access): ReadPatient {
  const record = access.openRecord(systemContext('visits'));
  return async (id) => {
    const found = await record.read('Patient', id);
    return found && (JSON.parse(found.json) as Patient);
  };
}

const alarmsEveryMs = 1_000;

function choresOf({ database, clock, logger, keyring, settings, operations }: Node): Chore[] {
  return [
    reindexChore({ database, logger, keyring }),
    retentionChore({ database, clock, logger, days: settings.retentionDays }),
    { name: 'alarms', everyMs: alarmsEveryMs, owner: true, run: () => operations.lookForAlarms() },
  ];
}
