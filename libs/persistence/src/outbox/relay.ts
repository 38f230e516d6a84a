import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { crashPoint, type Publisher, PublishError } from '@backhaul/messaging';
import type { DataSource } from 'typeorm';
import { type Leases, RelayLeases } from './leases.js';
import type { RelayRow, RelaySource } from './outbox-source.js';

export interface RelayOptions {
  dataSource: DataSource;
  source: RelaySource;
  publisher: Pick<Publisher, 'send'>;
  /** A UUID of this process. */
  owner?: string;
  leaseTtlMs?: number;
  /** Pause while there is nothing to send, milliseconds. */
  idleMs?: number;
  /** A pass begins this long after the one before at the earliest, so that a busy hour sends many rows at once. */
  paceMs?: number;
  batchSize?: number;
  onSent?: (rows: number, durationMs: number) => void;
}

const LONGEST_BACKOFF_MS = 10_000;
/** What a dead relay keeps waiting. One that is only slow loses its lease to another, and its word with it. */
const LEASE_TTL_MS = 6000;
const PACE_MS = 20;
/** After a wake that finds nothing: looks after 10, 20, 40 and 80 ms, then as often as ever. */
const LAST_LOOK = 5;

/**
 * Carries committed rows to Kafka: at least once, each bucket in order, no database transaction open while sending.
 * Leases are renewed at a third of their life; a relay that could not renew in time stops by itself.
 */
export class Relay {
  private readonly logger = new Logger('Relay');
  private readonly leases: RelayLeases;
  private readonly ttlMs: number;
  private held: Leases = new Map();
  private refreshedAt = -Infinity;
  private readonly blockedUntil = new Map<number, { at: number; failures: number }>();
  private isStopping = false;
  private running: Promise<void> = Promise.resolve();
  private wakeUp: () => void = () => undefined;
  private isAwake = false;

  constructor(private readonly options: RelayOptions) {
    this.ttlMs = options.leaseTtlMs ?? LEASE_TTL_MS;
    this.leases = new RelayLeases(options.dataSource, options.owner ?? randomUUID(), this.ttlMs);
  }

  start(): void {
    this.isStopping = false;
    this.running = this.loop();
  }

  /** There is something new: do not wait for the next poll. */
  wake(): void {
    this.isAwake = true;
    this.wakeUp();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.wakeUp();
    await this.running;
    await this.leases.release().catch(() => undefined);
  }

  private async loop(): Promise<void> {
    let failures = 0;
    // Passes since the last wake that found nothing.
    let empty = LAST_LOOK;
    while (!this.isStopping) {
      try {
        const begunAt = performance.now();
        const wasWoken = this.isAwake;
        this.isAwake = false;
        const sent = await this.pass();
        failures = 0;
        empty = sent > 0 ? 0 : wasWoken ? 1 : empty + 1;
        if (sent === 0 && !this.isAwake) await this.pause(this.idleMs(empty));
        await this.rest(begunAt);
      } catch (error) {
        failures += 1;
        this.held = new Map();
        this.refreshedAt = -Infinity;
        if (failures === 1 || failures % 20 === 0)
          this.logger.warn(`The outbox cannot be read: ${String(error)}; will be tried again`);
        await this.pause(backoffMs(failures));
      }
    }
  }

  /** Who wakes us has committed, yet its row shows only once older transactions have ended: soon, as a rule. */
  private idleMs(empty: number): number {
    const { idleMs = 200, paceMs = PACE_MS } = this.options;
    return empty >= LAST_LOOK ? idleMs : Math.min(idleMs, (paceMs / 2) * 2 ** (empty - 1));
  }

  private async rest(begunAt: number): Promise<void> {
    const ms = (this.options.paceMs ?? PACE_MS) - (performance.now() - begunAt);
    if (ms >= 1 && !this.isStopping) await wait(ms);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        done();
      };
      if (this.isAwake || this.isStopping) this.wakeUp();
    });
  }

  /** One round; answers how many rows went out. */
  private async pass(): Promise<number> {
    const now = performance.now();
    if (now - this.refreshedAt > this.ttlMs / 3) {
      this.held = await this.leases.refresh();
      // Counted from before the question: the database gave at least this much.
      this.refreshedAt = now;
    }
    const buckets = [...this.held.keys()].filter((bucket) => (this.blockedUntil.get(bucket)?.at ?? 0) <= now);
    if (buckets.length === 0) return 0;
    const rows = await this.options.source.read(buckets, this.options.batchSize ?? 500);
    if (rows.length === 0 || this.isExpired()) return 0;
    const sent = await this.sendAll(rows);
    crashPoint('relay.after-send');
    if (sent.length) await this.options.source.advance(this.held, sent);
    return sent.length;
  }

  private isExpired(): boolean {
    return performance.now() - this.refreshedAt > this.ttlMs;
  }

  /** A bucket that failed last time is sent apart, so that it cannot fail the others with it. */
  private async sendAll(rows: readonly RelayRow[]): Promise<RelayRow[]> {
    const suspects = new Map<number, RelayRow[]>();
    for (const row of rows.filter(({ bucket }) => this.blockedUntil.has(bucket)))
      suspects.set(row.bucket, [...(suspects.get(row.bucket) ?? []), row]);
    const sound = rows.filter((row) => !suspects.has(row.bucket));
    const groups = [...(sound.length ? [sound] : []), ...suspects.values()];
    return (await Promise.all(groups.map((group) => this.send(group)))).flat();
  }

  private async send(rows: readonly RelayRow[]): Promise<readonly RelayRow[]> {
    const startedAt = performance.now();
    try {
      await this.options.publisher.send(rows.map((row) => row.record));
      this.options.onSent?.(rows.length, performance.now() - startedAt);
      for (const row of rows) this.blockedUntil.delete(row.bucket);
      return rows;
    } catch (error) {
      return this.sendByBucket(rows, error);
    }
  }

  /** Something in the batch failed: each bucket for itself, the first failure stops that bucket, the others go on. */
  private async sendByBucket(rows: readonly RelayRow[], cause: unknown): Promise<RelayRow[]> {
    if (!(cause instanceof PublishError && cause.isPermanent)) {
      for (const bucket of new Set(rows.map((row) => row.bucket))) this.block(bucket, cause);
      return [];
    }
    const sent: RelayRow[] = [];
    const stopped = new Set<number>();
    for (const row of rows) {
      if (stopped.has(row.bucket)) continue;
      // One by one takes long: past the lease another owner may be sending already.
      if (this.isExpired()) break;
      try {
        await this.options.publisher.send([row.record]);
        sent.push(row);
      } catch (error) {
        if (error instanceof PublishError && error.isPermanent) await this.refuse(row, error);
        else {
          stopped.add(row.bucket);
          this.block(row.bucket, error);
        }
      }
    }
    return sent;
  }

  private async refuse(row: RelayRow, error: PublishError): Promise<void> {
    this.logger.error(
      `Kafka will never take ${row.id} for ${row.record.topic}: ${error.message}; it is kept aside`,
    );
    await this.options.source.refuse(this.held, row, error.message);
  }

  private block(bucket: number, error: unknown): void {
    const failures = (this.blockedUntil.get(bucket)?.failures ?? 0) + 1;
    this.blockedUntil.set(bucket, { at: performance.now() + backoffMs(failures), failures });
    if (failures === 1)
      this.logger.warn(`Bucket ${bucket} cannot be published: ${String(error)}; will be tried again`);
  }
}

/** Exponential with full jitter, milliseconds. */
function backoffMs(failures: number): number {
  return 50 + Math.random() * Math.min(LONGEST_BACKOFF_MS, 100 * 2 ** Math.min(failures, 10));
}
