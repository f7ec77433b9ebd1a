/** The server's settings, as `-c` parameters: they belong to this version of Isthmus and not to the data directory. */
export interface Address {
  /** Directory of the unix socket, or undefined where there are none (Windows). */
  readonly socketDirectory: string | undefined;
  readonly port: number;
}

const settings: Record<string, string> = {
  // What was confirmed is on disk, also after a power cut. These are the defaults; they stand here so that nothing else can set them.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  // For a machine of two cores that also runs the engine.
  max_connections: '60',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  min_wal_size: '256MB',
  checkpoint_completion_target: '0.9',
  jit: 'off',
  random_page_cost: '1.1',
  // Short statements on few cores; and parallel workers need /dev/shm, of which containers have little.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  // Reads come from the cache nearly always; three I/O worker processes would only take memory.
  io_method: 'sync',
  autovacuum: 'on',
  max_logical_replication_workers: '0',
  // The log is about the server. LOG and above leaves out errors of statements, whose texts can quote patient data; the engine gets those.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** Command line of `postgres` for this data directory and address. */
export function serverArguments(data: string, { socketDirectory, port }: Address): string[] {
  const address: Record<string, string> =
    socketDirectory === undefined
      ? { listen_addresses: '127.0.0.1', unix_socket_directories: '' }
      : { listen_addresses: '', unix_socket_directories: socketDirectory, unix_socket_permissions: '0700' };
  const all = Object.entries({ ...settings, ...address, port: String(port) });
  return ['-D', data, ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Command line of `initdb`. Checksums find a torn or rotten page; the C.UTF-8 order is the same on every machine and the fastest. */
export function initdbArguments(data: string, passwordFile: string): string[] {
  return [
    ...['--pgdata', data, '--username', 'isthmus', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
    ...['--data-checksums', '--no-instructions'],
  ];
}
