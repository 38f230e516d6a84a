import {
  IDEMPOTENCY_TTL_MS, type IdempotencyClaim, type IdempotencyScope, type IdempotencyStore, type StoredAnswer,
} from '@backhaul/http'; // prettier-ignore
import { UnitOfWork } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';

/** A request that has no answer after this long died with its process: the key may be used again. */
const ABANDONED_AFTER_S = 60;

interface Row {
  body_hash: string;
  answer: string | null;
}

/** Keys of POST requests and what was answered, for 24 hours. */
@Injectable()
export class IdempotencyRepository implements IdempotencyStore {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  claim({ partnerId, route, key }: IdempotencyScope, bodyHash: string): Promise<IdempotencyClaim> {
    return this.unitOfWork.run(async (tx): Promise<IdempotencyClaim> => {
      const claimed = await tx.query(
        `INSERT INTO idempotent_answer AS i (partner_id, route, key, body_hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (partner_id, route, key) DO UPDATE SET body_hash = excluded.body_hash, at = now(), answer = NULL
           WHERE i.at < now() - $5 * interval '1 ms' OR (i.answer IS NULL AND i.at < now() - $6 * interval '1 s')
         RETURNING key`,
        [partnerId, route, key, bodyHash, IDEMPOTENCY_TTL_MS, ABANDONED_AFTER_S],
      );
      if (claimed.length > 0) return { state: 'new' };
      const [known] = await tx.query<Row>(
        'SELECT body_hash, answer FROM idempotent_answer WHERE partner_id = $1 AND route = $2 AND key = $3',
        [partnerId, route, key],
      );
      if (!known?.answer) return { state: 'running' };
      return { state: 'done', bodyHash: known.body_hash, answer: JSON.parse(known.answer) as StoredAnswer };
    });
  }

  async finish(
    { partnerId, route, key }: IdempotencyScope,
    bodyHash: string,
    answer: StoredAnswer,
  ): Promise<void> {
    await this.unitOfWork.query(
      'UPDATE idempotent_answer SET answer = $5 WHERE partner_id = $1 AND route = $2 AND key = $3 AND body_hash = $4',
      [partnerId, route, key, bodyHash, JSON.stringify(answer)],
    );
  }

  async release({ partnerId, route, key }: IdempotencyScope): Promise<void> {
    await this.unitOfWork.query(
      'DELETE FROM idempotent_answer WHERE partner_id = $1 AND route = $2 AND key = $3 AND answer IS NULL',
      [partnerId, route, key],
    );
  }
}
