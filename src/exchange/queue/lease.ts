import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Clock, Timer } from '../../foundation/clock/index.ts';
import { type Database, sql } from '../../foundation/database/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';

/**
 * One owner of the queues, by lease and fencing epoch (Q8). The database's clock decides about expiry, the node's monotonic clock
 * about its own right to send: a node that was stopped past its lease finds it invalid before it sends again, and whatever it
 * still writes carries a stale epoch and changes nothing.
 */

const takeLease = sql(
  'lease_take',
  `with taken as (
     update lease set epoch = epoch + 1, owner = $1, owner_host = $2, owner_pid = $3, owner_start = $4,
       expires_at = clock_timestamp() + $5 * interval '1 millisecond'
     where name = 'engine' and (expires_at < clock_timestamp() or (owner_host = $2 and owner_pid = $6 and owner_start = $7))
     returning epoch
   ), queues as (update queue set epoch = (select epoch from taken) where exists (select 1 from taken)
   ), progress as (update queue_progress set epoch = (select epoch from taken) where exists (select 1 from taken))
   select epoch from taken`,
);
const renewLease = sql(
  'lease_renew',
  `update lease set expires_at = clock_timestamp() + $3 * interval '1 millisecond'
   where name = 'engine' and owner = $1 and epoch = $2 returning epoch`,
);
const giveUpLease = sql(
  'lease_give_up',
  `with given as (update lease set expires_at = '-infinity' where name = 'engine' and owner = $1 and epoch = $2 returning name)
   select pg_notify('isthmus_lease', 'free') from given`,
);
const currentLease = sql(
  'lease_current',
  `select epoch, owner, owner_host, owner_pid, owner_start, expires_at from lease where name = 'engine'`,
);

interface LeaseRow {
  readonly epoch: number;
  readonly owner: string | null;
  readonly owner_host: string | null;
  readonly owner_pid: number | null;
  readonly owner_start: string | null;
  readonly expires_at: Date;
}

export interface LeaseOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A name for this node, unique among those that run. */
  readonly node: string;
  /** How long the others wait for a node that fell silent. */
  readonly durationMs: number;
  readonly onLost: (reason: string) => void;
}

export class Lease {
  readonly #options: LeaseOptions;
  readonly #place = placeOfProcess(process.pid);
  #epoch = 0;
  #validUntilMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Whether this node may act now. Asked before every send; never reads the wall clock. */
  valid(): boolean {
    return this.#options.clock.monotonicMs() < this.#validUntilMs;
  }

  /** Tries once; true when this node owns the queues from now on. */
  async take(): Promise<boolean> {
    const { database, clock, durationMs, node } = this.#options;
    const dead = await this.#deadOwnerOnThisMachine();
    const started = clock.monotonicMs();
    const rows = await database.query<{ epoch: number }>(takeLease, [
      node,
      this.#place.host,
      this.#place.pid,
      this.#place.start,
      durationMs,
      dead?.owner_pid ?? -1,
      dead?.owner_start ?? '',
    ]);
    const taken = rows[0];
    if (!taken) return false;
    this.#epoch = taken.epoch;
    this.#extend(started);
    this.#stopped = false;
    this.#scheduleRenewal();
    return true;
  }

  async release(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    const wasValid = this.valid();
    this.#validUntilMs = Number.NEGATIVE_INFINITY;
    if (wasValid) await this.#options.database.query(giveUpLease, [this.#options.node, this.#epoch]);
  }

  /** Called when a statement found a newer epoch. */
  lose(reason: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.cancel();
    this.#validUntilMs = Number.NEGATIVE_INFINITY;
    this.#options.onLost(reason);
  }

  async #deadOwnerOnThisMachine(): Promise<LeaseRow | undefined> {
    const [row] = await this.#options.database.query<LeaseRow>(currentLease);
    if (!row?.owner_pid || row.owner_host !== this.#place.host) return undefined;
    const now = placeOfProcess(row.owner_pid);
    return now.alive && now.start === row.owner_start ? undefined : row;
  }

  /** Valid for four fifths of the lease, counted from before the statement was sent: the rest is for the network and slow timers. */
  #extend(startedMs: number): void {
    this.#validUntilMs = startedMs + this.#options.durationMs * 0.8;
  }

  #scheduleRenewal(): void {
    this.#timer = this.#options.clock.after(this.#options.durationMs / 4, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { database, clock, logger, durationMs, node } = this.#options;
    const started = clock.monotonicMs();
    try {
      const rows = await database.query(renewLease, [node, this.#epoch, durationMs]);
      if (this.#stopped) return;
      if (rows.length === 0) return this.lose('another node took the lease');
      this.#extend(started);
    } catch (error) {
      logger.warn({ err: error }, 'the lease could not be renewed; trying again');
    }
    if (!this.#stopped) this.#scheduleRenewal();
  }
}

interface Place {
  readonly host: string;
  readonly pid: number;
  readonly start: string;
  readonly alive: boolean;
}

/** A process by machine, pid namespace, pid and start time, so that neither a reboot nor a reused pid is mistaken for it. */
function placeOfProcess(pid: number): Place {
  const host = [hostname(), readText('/proc/sys/kernel/random/boot_id'), readLink('/proc/self/ns/pid')].join(
    '/',
  );
  const stat = readText(`/proc/${pid}/stat`);
  // Field 22 of stat; the second field is the command in parentheses and may itself contain spaces. State Z is a dead process not yet reaped.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { host, pid, start: fields[19] ?? '', alive: isAlive(pid) && fields[0] !== 'Z' };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
