import {
  IDEMPOTENCY_TTL_MS,
  type IdempotencyClaim,
  type IdempotencyScope,
  type IdempotencyStore,
  type StoredAnswer,
} from '@backhaul/http';
import type { UnitOfWork } from '@backhaul/persistence';

/** A request that has no answer after this long died with its process: the key may be used again. */
const ABANDONED_AFTER_S = 60;

interface Row {
  bodyHash: string;
  answer: string | null;
}

/** Keys of POST requests and what was answered, for 24 hours. */
export class IdempotencyRepository implements IdempotencyStore {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async claim({ partnerId, route, key }: IdempotencyScope, bodyHash: string): Promise<IdempotencyClaim> {
    return this.unitOfWork.run(async (tx) => {
      const scope = [partnerId, route, key];
      const claimed = await tx.query(
        `INSERT INTO idempotency_key (partner_id, route, key, body_hash, claimed_at) VALUES ($1, $2, $3, $4, now())
         ON CONFLICT (partner_id, route, key) DO UPDATE SET body_hash = excluded.body_hash, claimed_at = now(), answer = NULL
          WHERE idempotency_key.claimed_at < now() - $5 * interval '1 ms'
             OR (idempotency_key.answer IS NULL AND idempotency_key.claimed_at < now() - $6 * interval '1 s')
         RETURNING key`,
        [...scope, bodyHash, IDEMPOTENCY_TTL_MS, ABANDONED_AFTER_S],
      );
      if (claimed.length > 0) return { state: 'new' };
      const [known] = await tx.query<Row>(
        `SELECT body_hash AS "bodyHash", answer FROM idempotency_key WHERE partner_id = $1 AND route = $2 AND key = $3`,
        scope,
      );
      // Gone between the two statements: its work failed just now, and the caller may try again.
      if (!known?.answer) return { state: 'running' };
      return { state: 'done', bodyHash: known.bodyHash, answer: JSON.parse(known.answer) as StoredAnswer };
    });
  }

  async finish(
    { partnerId, route, key }: IdempotencyScope,
    bodyHash: string,
    answer: StoredAnswer,
  ): Promise<void> {
    await this.unitOfWork.query(
      `UPDATE idempotency_key SET answer = $5 WHERE partner_id = $1 AND route = $2 AND key = $3 AND body_hash = $4`,
      [partnerId, route, key, bodyHash, JSON.stringify(answer)],
    );
  }

  async release({ partnerId, route, key }: IdempotencyScope): Promise<void> {
    await this.unitOfWork.query(
      `DELETE FROM idempotency_key WHERE partner_id = $1 AND route = $2 AND key = $3 AND answer IS NULL`,
      [partnerId, route, key],
    );
  }
}
