/** What a test tells the engine process (engine-process.ts) to be. Travels as JSON in FAULTS_ENGINE. */
export interface EngineConfig {
  readonly url: string;
  /** Names this node in the lease and in pg_stat_activity. */
  readonly node: string;
  readonly leaseMs?: number;
  readonly channels: readonly ChannelConfig[];
  /** What is broken on purpose (variants.ts). */
  readonly variant?: Variant;
  /** With this directory the process starts its own embedded server there, and `url` is not used. */
  readonly home?: string;
  readonly patienceMs?: number;
}

export interface ChannelConfig {
  readonly name: string;
  readonly order: 'strict' | 'key';
  readonly maxFrameBytes?: number;
  readonly destinations: readonly DestinationConfig[];
}

export interface DestinationConfig {
  readonly name: string;
  readonly kind: 'mllp' | 'webhook';
  readonly port: number;
  readonly order: 'strict' | 'key';
  readonly lanes: number;
  readonly answerTimeoutMs?: number;
}

export type Variant =
  | 'acknowledge-before-commit'
  | 'dedupe-by-control-id'
  | 'asynchronous-commit'
  | 'no-fence'
  | 'clock-that-stops'
  | 'recovery-beside-the-sender'
  | 'no-duplicates-known';

/** What the process says on its standard output, one JSON object a line. */
export type EngineWord =
  | {
      readonly word: 'ready';
      readonly ports: Readonly<Record<string, number>>;
      readonly databasePid?: number;
    }
  | { readonly word: 'lease'; readonly state: 'owner' | 'standby' | 'lost'; readonly epoch: number }
  | { readonly word: 'memory'; readonly peakBytes: number; readonly nowBytes: number }
  | { readonly word: 'failed'; readonly message: string };
