import { type Clock, uuidv7 } from '@backhaul/domain';
import { IdempotencyTable, Repeated, type UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';

const BATCH = 500;
const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Drops the bytes of reports that are older than their retention (the events themselves stay), and answers kept for a repeat. */
export class RawRetention {
  private readonly passes: Repeated;
  private readonly answers: IdempotencyTable;
  /** Everything up to here was cleared before: the next pass need not look at it. */
  private clearedUpTo = '00000000-0000-0000-0000-000000000000';

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly days: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.answers = new IdempotencyTable(unitOfWork);
    this.passes = new Repeated(
      () => this.pass().then(() => false),
      EVERY_MS,
      (error) => logger.warn({ err: error }, 'old report bodies cannot be cleared; will be tried again'),
    );
  }

  start(): void {
    this.passes.start();
  }

  stop(): Promise<void> {
    return this.passes.stop();
  }

  /** Clears in small batches, so that nobody waits for a lock; answers how many. */
  async clear(): Promise<number> {
    const until = uuidv7(this.clock.now().getTime() - this.days * DAY_MS);
    let cleared = 0;
    for (;;) {
      const rows = await this.unitOfWork.query<{ event_id: string }>(
        `UPDATE event e SET raw = NULL FROM (
           SELECT partner_id, event_id FROM event WHERE event_id > $1 AND event_id < $2 AND raw IS NOT NULL
           LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) old
         WHERE e.partner_id = old.partner_id AND e.event_id = old.event_id
         RETURNING e.event_id`,
        [this.clearedUpTo, until],
      );
      cleared += rows.length;
      if (rows.length < BATCH || this.passes.signal.aborted) break;
    }
    if (!this.passes.signal.aborted) this.clearedUpTo = until;
    return cleared;
  }

  /** Each for itself: one that fails keeps the other from nothing. */
  private async pass(): Promise<void> {
    await this.answers.forgetOld().catch((error: unknown) => {
      this.logger.warn({ err: error }, 'old answers cannot be forgotten; will be tried again');
    });
    const cleared = await this.clear();
    if (cleared > 0) this.logger.info({ cleared }, 'old report bodies cleared');
  }
}
