import { createHash } from 'node:crypto';
import type { Clock } from '@backhaul/domain';
import { clientNetwork, Problem } from '@backhaul/http';
import type { UnitOfWork } from '@backhaul/persistence';

/** Failures after which a name, or an address, has to wait; an address may stand for a whole office. */
const FREE = { name: 5, ip: 50 };
/** Each costs somebody a mail. */
const FREE_RESETS = { name: 3, ip: 20 };
const FIRST_WAIT_S = 5;
/** With its jitter, Retry-After stays below 15 minutes. */
const LONGEST_WAIT_S = 720;
const FORGOTTEN_AFTER = "interval '1 hour'";

const CHARGE = `
  INSERT INTO login_throttle AS t (subject, failures, last_at) VALUES ($1, 1, $2)
  ON CONFLICT (subject) DO UPDATE SET
    last_at = $2,
    failures = CASE WHEN t.last_at < $2::timestamptz - ${FORGOTTEN_AFTER} THEN 1 ELSE t.failures + 1 END,
    blocked_until = CASE WHEN t.last_at >= $2::timestamptz - ${FORGOTTEN_AFTER} AND t.failures + 1 >= $3::int
      THEN $2::timestamptz + interval '1 second' * least(${LONGEST_WAIT_S}, ${FIRST_WAIT_S} * 2 ^ least(t.failures + 1 - $3::int, 20)) END
  WHERE t.blocked_until IS NULL OR t.blocked_until <= $2
  RETURNING failures`;

/** One attempt, already counted as a failure; it is one unless somebody says otherwise. */
export interface Attempt {
  /** It was right: the name starts anew. */
  succeeded(): Promise<void>;
  /** It decided nothing, such as when no hash could be computed. */
  takeBack(): Promise<void>;
}

/**
 * Slows guessing down, for all replicas together. By name and not by account, so that an unknown name waits as a known
 * one does. An attempt is counted before the password is looked at: guesses sent at once cannot slip past the count.
 */
export class LoginThrottle {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly free = FREE,
    /** Keeps what is counted here apart from what others count. */
    private readonly kind = '',
  ) {}

  /** @throws Problem 429 */
  async begin(username: string, ip: string): Promise<Attempt> {
    const name = `${this.kind}name:${createHash('sha256').update(username.toLowerCase()).digest('hex')}`;
    const address = `${this.kind}ip:${clientNetwork(ip)}`;
    await this.charge(address, this.free.ip);
    try {
      await this.charge(name, this.free.name);
    } catch (error) {
      await this.refund([address]);
      throw error;
    }
    return {
      succeeded: async () => {
        await this.unitOfWork.query('DELETE FROM login_throttle WHERE subject = $1', [name]);
        await this.refund([address]);
      },
      takeBack: () => this.refund([name, address]),
    };
  }

  private async charge(subject: string, free: number): Promise<void> {
    const now = this.clock.now();
    const charged = await this.unitOfWork.query(CHARGE, [subject, now, free]);
    if (charged.length > 0) return;
    const [row] = await this.unitOfWork.query<{ until: Date | null }>(
      'SELECT blocked_until AS until FROM login_throttle WHERE subject = $1',
      [subject],
    );
    const waitS = Math.max(1, ((row?.until?.getTime() ?? 0) - now.getTime()) / 1000);
    throw Problem.tooMany(waitS, 'Too many attempts; wait a little.');
  }

  private async refund(subjects: string[]): Promise<void> {
    await this.unitOfWork.query(
      'UPDATE login_throttle SET failures = greatest(failures - 1, 0), blocked_until = NULL WHERE subject = ANY($1)',
      [subjects],
    );
  }
}

/** The same for requests of a new password: they are counted by themselves, and a login does not forgive them. */
export class ResetThrottle extends LoginThrottle {
  constructor(unitOfWork: UnitOfWork, clock: Clock) {
    super(unitOfWork, clock, FREE_RESETS, 'reset-');
  }
}
