import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '@backhaul/domain';
import { IdempotencyTable, type UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import { SESSION_S } from '../sessions/session.repository.js';

const EVERY_MS = 3_600_000;
const AT_ONCE = 1000;
const DAY_MS = 86_400_000;
/** Longer than any wait, and than the hour after which failures no longer count. */
const THROTTLE_MS = DAY_MS;

/** Forgets what is over: sessions, tokens, challenges, counts of failures, records of logins, answers kept for a repeat. */
export class Housekeeping {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private readonly answers: IdempotencyTable;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly loginRecordDays: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.answers = new IdempotencyTable(unitOfWork);
  }

  start(): void {
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
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
      if (gone.length < AT_ONCE || this.stopping.signal.aborted) return cleared + gone.length;
    }
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        this.logger.debug({ cleared: await this.sweep() }, 'what is over was cleared');
      } catch (error) {
        this.logger.warn({ err: error }, 'what is over stays for now; will be tried again');
      }
      await wait(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
