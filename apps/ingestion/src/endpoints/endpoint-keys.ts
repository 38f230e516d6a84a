import { hash } from 'node:crypto';
import { Repeated } from '@backhaul/persistence';
import { inTime } from '../intake/in-time.js';
import type { EndpointRepository, KeyedEndpoint } from './endpoint.repository.js';
import { TokenBucket } from './token-bucket.js';

/** A key as it is remembered: whose it is, and how much it may still send. */
export interface KnownKey extends KeyedEndpoint {
  bucket: TokenBucket;
  /** SHA-256 of the key, base64url. */
  digest: string;
}

export interface EndpointKeysOptions {
  repository: Pick<EndpointRepository, 'findByKeyAcrossTenants' | 'version'>;
  ratePerSecond: number;
  monotonicMs: () => number;
}

const REFRESH_MS = 500;
const MOST_KNOWN = 100_000;
const MOST_UNKNOWN = 10_000;
const LONGEST_KEY = 200;

/**
 * Remembers keys by digest. Every half second it asks for the version row and forgets everything when that has
 * grown, so a revocation made by any process is in force within a second; wrong keys are remembered that long only.
 */
export class EndpointKeys {
  private known = new Map<string, KnownKey>();
  private readonly unknown = new Set<string>();
  private readonly loading = new Map<string, Promise<KnownKey | null>>();
  private version: string | null = null;
  private readonly passes = new Repeated(
    () => this.refresh().then(() => false),
    REFRESH_MS,
    // A database that is away is no trouble here: see `refresh`.
    () => undefined,
  );

  constructor(private readonly options: EndpointKeysOptions) {}

  start(): void {
    this.passes.start();
  }

  stop(): Promise<void> {
    return this.passes.stop();
  }

  /** What is remembered of the key; `undefined` means ask `find`. */
  peek(key: string): KnownKey | null | undefined {
    if (key.length > LONGEST_KEY) return null;
    const digest = digestOf(key);
    return this.known.get(digest) ?? (this.unknown.has(digest) ? null : undefined);
  }

  /** Null for a key that never was one of ours. */
  async find(key: string): Promise<KnownKey | null> {
    const known = this.peek(key);
    if (known !== undefined) return known;
    const digest = digestOf(key);
    const already = this.loading.get(digest);
    if (already) return already;
    const loading = this.load(digest).finally(() => this.loading.delete(digest));
    this.loading.set(digest, loading);
    return loading;
  }

  /** Called by whoever changes an endpoint in this process; others notice the version. */
  forget(): void {
    this.known = new Map();
    this.unknown.clear();
  }

  private async load(digest: string): Promise<KnownKey | null> {
    const versionBefore = this.version;
    const bytes = Buffer.from(digest, 'base64url');
    const found = await inTime(this.options.repository.findByKeyAcrossTenants(bytes));
    // Read before a change that was noticed meanwhile: true for this request, not to be remembered.
    const isCurrent = versionBefore === this.version;
    if (!found) {
      if (isCurrent && this.unknown.size < MOST_UNKNOWN) this.unknown.add(digest);
      return null;
    }
    const known = {
      ...found,
      digest,
      bucket: new TokenBucket(this.options.ratePerSecond, this.options.monotonicMs()),
    };
    if (this.known.size >= MOST_KNOWN) this.known = new Map();
    if (isCurrent) this.known.set(digest, known);
    return known;
  }

  private async refresh(): Promise<void> {
    this.unknown.clear();
    // While the database is away no report is taken anyway, so what is known may stay.
    const version = await this.options.repository.version().catch(() => this.version);
    if (version !== this.version) this.known = new Map();
    this.version = version;
  }
}

function digestOf(key: string): string {
  return hash('sha256', key, 'base64url');
}
