import type { Clock } from '@backhaul/domain';
import { Repeated } from '@backhaul/persistence';
import { gauge, type Logger } from '@backhaul/telemetry';
import type { LogRetention } from '../retention/log-retention.js';
import type { LogPartitions } from './log-partitions.js';

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** So much time there is to mend what keeps months from being made. */
const AHEAD_MS = 62 * DAY_MS;
/** Reports that were received in a month are stored by then. */
const SETTLED_AFTER_MS = DAY_MS;

/** Once an hour, in every process: months for what comes, the end of what nobody keeps. */
export class LogUpkeep {
  private readonly passes: Repeated;

  constructor(
    private readonly partitions: LogPartitions,
    private readonly retention: LogRetention,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.passes = new Repeated(
      () => this.pass().then(() => false),
      EVERY_MS,
      // Each step tells of its own trouble.
      () => undefined,
    );
  }

  start(): void {
    this.passes.start();
  }

  stop(): Promise<void> {
    return this.passes.stop();
  }

  /** Each step for itself: one that fails is tried again an hour later, and keeps no other from being taken. */
  async pass(): Promise<void> {
    const now = this.clock.now().getTime();
    await this.step('prepared', () => this.partitions.prepare(new Date(now + AHEAD_MS)));
    await this.step('settled', () => this.partitions.settle(new Date(now - SETTLED_AFTER_MS)));
    await this.step('removed', () => this.retention.pass(this.passes.signal));
  }

  /** Read when the metrics are. */
  watch(): void {
    const days = 'Days until the event log has no month prepared';
    gauge('ingest_log_prepared_days', days, [], async (self) => {
      const found = await this.partitions.preparation().catch(() => null);
      if (found) self.set(found.days);
    });
    gauge('ingest_log_strays', 'Events that came when no month was there for them', [], async (self) => {
      const found = await this.partitions.preparation().catch(() => null);
      if (found) self.set(found.strays);
    });
  }

  private async step<T>(what: string, work: () => Promise<T>): Promise<void> {
    try {
      this.logger.info({ [what]: await work() }, 'event log kept up');
    } catch (error) {
      this.logger.warn({ err: error, step: what }, 'the event log cannot be kept up; will be tried again');
    }
  }
}
