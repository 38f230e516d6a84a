import type { UnitOfWork } from '@backhaul/persistence';

const TOKENS = 'least(20, tokens + extract(epoch FROM clock_timestamp() - tokens_at) / 60 * rate_per_minute)';
/** Refused credentials hold back the work on tickets, and no person who wants to know whether they work again. */
const IS_HELD = `(breaker <> 'closed' AND breaker_until > clock_timestamp())
  OR (trouble = 'rate_limited' AND resume_at > clock_timestamp())`;

export type Refused = { waitS: number; why: 'breaker' | 'rate_limited' | 'budget' };

/** A person's questions are paid from what the connection may call, beside its tickets. */
export class CallBudget {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Takes one call; null when it may be made. A connection that is not known yet has no limit to share.
   * @param least calls there must be: what can wait leaves some to tickets
   */
  async take(connectionId: string, least = 1): Promise<Refused | null> {
    const taken = await this.unitOfWork.query(
      `UPDATE psa_connection SET tokens = ${TOKENS} - 1, tokens_at = clock_timestamp()
       WHERE connection_id = $1 AND ${TOKENS} >= $2::float8 AND NOT coalesce(${IS_HELD}, false) RETURNING 1`,
      [connectionId, least],
    );
    if (taken.length > 0) return null;
    const [row] = await this.unitOfWork.query<Refused>(
      `SELECT CASE WHEN breaker <> 'closed' AND breaker_until > clock_timestamp() THEN 'breaker'
                   WHEN trouble = 'rate_limited' AND resume_at > clock_timestamp() THEN 'rate_limited' ELSE 'budget' END AS why,
              ceil(greatest(1, CASE WHEN breaker <> 'closed' AND breaker_until > clock_timestamp() THEN extract(epoch FROM breaker_until - clock_timestamp())
                WHEN trouble = 'rate_limited' AND resume_at > clock_timestamp() THEN extract(epoch FROM resume_at - clock_timestamp())
                ELSE ($2::float8 - ${TOKENS}) * 60 / rate_per_minute END))::int AS "waitS"
       FROM psa_connection WHERE connection_id = $1`,
      [connectionId, least],
    );
    return row ?? null;
  }
}
