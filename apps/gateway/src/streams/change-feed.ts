import type { Clock } from '@backhaul/domain';
import {
  accountsBrands,
  type BrandPayload,
  CompactedTable,
  type PassingRecord,
  TopicTail,
} from '@backhaul/messaging';
import type { Logger } from '@backhaul/telemetry';
import { type Change, changesOf, WATCHED } from './change.js';
import { ChangeLog } from './change-log.js';

type Kafka = ConstructorParameters<typeof TopicTail>[0]['kafka'];

export interface ChangeFeedOptions {
  kafka: Kafka;
  prefix: string;
  clock: Clock;
  logger: Logger;
}

const KEEP_MS = 5 * 60_000;
const MOST = 50_000;
const RETRY_MS = 2000;
/** After the last listener has gone; who comes back by then finds it going. */
const LINGER_MS = 60_000;

/** What changes, read from Kafka while somebody listens, and not otherwise. */
export class ChangeFeed {
  readonly log = new ChangeLog({ keepMs: KEEP_MS, most: MOST });
  private brands: CompactedTable<BrandPayload> | null = null;
  private tail: TopicTail | null = null;
  private timer: NodeJS.Timeout | null = null;
  private turn: Promise<void> = Promise.resolve();
  private isWanted = false;
  private listen: (change: Change) => void = () => undefined;

  constructor(private readonly options: ChangeFeedOptions) {}

  onChange(listen: (change: Change) => void): void {
    this.listen = listen;
  }

  /** The brands from the root to this one, as far as they are known. */
  pathOf = (brandId: string): readonly string[] | undefined => this.brands?.get(brandId)?.path;

  /** Somebody listens: it begins some minutes back. */
  want(): void {
    this.isWanted = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.tail) return;
    // Whoever goes on from within this time is told as it is read.
    this.log.beginAt(this.options.clock.now().getTime() - KEEP_MS);
    this.queue(() => this.start());
  }

  /** Nobody listens any more. */
  unwant(): void {
    this.isWanted = false;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.queue(() => this.end()), LINGER_MS).unref();
  }

  async close(): Promise<void> {
    this.isWanted = false;
    if (this.timer) clearTimeout(this.timer);
    this.queue(() => this.end());
    await this.turn;
  }

  private queue(step: () => Promise<void>): void {
    this.turn = this.turn.then(step).catch((error: unknown) => this.fail(error));
  }

  private async start(): Promise<void> {
    if (!this.isWanted || this.tail) return;
    const { kafka, prefix, clock } = this.options;
    const nowMs = clock.now().getTime();
    const onEnd = (error: unknown): void => this.fail(error);
    this.brands = new CompactedTable({ kafka, prefix, topic: accountsBrands, onFatal: onEnd });
    this.tail = new TopicTail({
      kafka,
      prefix,
      topics: WATCHED,
      backMs: KEEP_MS,
      onRecord: (record) => this.take(record),
      onEnd,
    });
    this.log.beginAt(nowMs - KEEP_MS);
    await this.brands.start();
    await this.brands.whenReady();
    await this.tail.start(nowMs);
  }

  private async end(): Promise<void> {
    if (this.isWanted) return;
    const { tail, brands } = this;
    this.tail = null;
    this.brands = null;
    await Promise.allSettled([tail?.stop(), brands?.close()]);
  }

  /** What was missed meanwhile is read once it goes on: it begins some minutes back again. */
  private fail(error: unknown): void {
    this.options.logger.warn({ err: error, retryAfterMs: RETRY_MS }, 'changes cannot be read from Kafka');
    const { tail, brands } = this;
    this.tail = null;
    this.brands = null;
    void Promise.allSettled([tail?.stop(), brands?.close()]);
    if (this.isWanted && !this.timer)
      this.timer = setTimeout(() => {
        this.timer = null;
        this.queue(() => this.start());
      }, RETRY_MS).unref();
  }

  private take(record: PassingRecord): void {
    for (const change of changesOf(record)) this.listen(this.log.add(change));
  }
}
