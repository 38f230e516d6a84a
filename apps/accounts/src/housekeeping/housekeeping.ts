import type { Clock } from '@backhaul/domain';
import { IdempotencyTable, Repeated, type UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import { SESSION_S } from '../sessions/session.repository.js';

const EVERY_MS = 3_600_000;
const AT_ONCE = 1000;
const DAY_MS = 86_400_000;
/** Longer than any wait, and than the hour after which failures no longer count. */
const THROTTLE_MS = DAY_MS;

/** Forgets what is over: sessions, tokens, challenges, counts of failures, records of logins, answers kept for a repeat. */
export class Housekeeping {
  private readonly passes: Repeated;
  private readonly answers: IdempotencyTable;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly loginRecordDays: number,
    private readonly clock: Clock,
    logger: Logger,
  ) {
    this.answers = new IdempotencyTable(unitOfWork);
    this.passes = new Repeated(
      async () => {
        logger.debug({ cleared: await this.sweep() }, 'what is over was cleared');
        return false;
      },
      EVERY_MS,
      (error) => logger.warn({ err: error }, 'what is over stays for now; will be tried again'),
    );
  }

  start(): void {
    this.passes.start();
  }

  stop(): Promise<void> {
    return this.passes.stop();
  }

  /** How many rows went, by table. */
  async sweep(): Promise<Record<string, number>> {
    return {
      login_session: await this.clear('login_session', 'created_at', SESSION_S * 1000),
      access_token: await this.clear('access_token', 'expires_at', 0),
      passkey_challenge: await this.clear('passkey_challenge', 'expires_at', 0),
      login_throttle: await this.clear('login_throttle', 'last_at', THROTTLE_MS),
      login_attempt: await this.clear('login_attempt', 'at', this.loginRecordDays * DAY_MS),
      idempotency_key: await this.answers.forgetOld(),
    };
  }

  /** In small batches, so that nobody waits for a lock. */
  private async clear(table: string, column: string, olderThanMs: number): Promise<number> {
    const until = new Date(this.clock.now().getTime() - olderThanMs);
    for (let cleared = 0; ; cleared += AT_ONCE) {
      const gone = await this.unitOfWork.query(
        `DELETE FROM ${table} WHERE ctid IN (
           SELECT ctid FROM ${table} WHERE ${column} < $1 LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED) RETURNING 1 AS gone`,
        [until],
      );
      if (gone.length < AT_ONCE || this.passes.signal.aborted) return cleared + gone.length;
    }
  }
}
