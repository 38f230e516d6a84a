import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { UnitOfWork } from './unit-of-work.js';

const KEPT_MS = 24 * 60 * 60 * 1000;
/** A request that has no answer after this long died with its process: the key may be used again. */
const ABANDONED_AFTER_S = 60;
const AT_ONCE = 1000;

export interface KeptAnswer {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}

interface KeyScope {
  partnerId: string;
  route: string;
  key: string;
}

type Claim =
  { state: 'new' } | { state: 'running' } | { state: 'done'; bodyHash: string; answer: KeptAnswer };

/** Keys of POST requests and what was answered, for 24 hours. The store behind `idempotently()` of libs/http. */
export class IdempotencyTable {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async claim({ partnerId, route, key }: KeyScope, bodyHash: string): Promise<Claim> {
    return this.unitOfWork.run(async (tx) => {
      const claimed = await tx.query(
        `INSERT INTO idempotency_key (partner_id, route, key, body_hash, claimed_at) VALUES ($1, $2, $3, $4, now())
         ON CONFLICT (partner_id, route, key) DO UPDATE SET body_hash = excluded.body_hash, claimed_at = now(), answer = NULL
          WHERE idempotency_key.claimed_at < now() - $5 * interval '1 ms'
             OR (idempotency_key.answer IS NULL AND idempotency_key.claimed_at < now() - $6 * interval '1 s')
         RETURNING key`,
        [partnerId, route, key, bodyHash, KEPT_MS, ABANDONED_AFTER_S],
      );
      if (claimed.length > 0) return { state: 'new' };
      const [known] = await tx.query<{ bodyHash: string; answer: string | null }>(
        'SELECT body_hash AS "bodyHash", answer FROM idempotency_key WHERE partner_id = $1 AND route = $2 AND key = $3',
        [partnerId, route, key],
      );
      // Gone between the two statements: its work failed just now, and the caller may try again.
      if (!known?.answer) return { state: 'running' };
      return { state: 'done', bodyHash: known.bodyHash, answer: JSON.parse(known.answer) as KeptAnswer };
    });
  }

  async finish({ partnerId, route, key }: KeyScope, bodyHash: string, answer: KeptAnswer): Promise<void> {
    await this.unitOfWork.query(
      'UPDATE idempotency_key SET answer = $5 WHERE partner_id = $1 AND route = $2 AND key = $3 AND body_hash = $4',
      [partnerId, route, key, bodyHash, JSON.stringify(answer)],
    );
    await this.forgetSome();
  }

  async release({ partnerId, route, key }: KeyScope): Promise<void> {
    await this.unitOfWork.query(
      'DELETE FROM idempotency_key WHERE partner_id = $1 AND route = $2 AND key = $3 AND answer IS NULL',
      [partnerId, route, key],
    );
  }

  /** Forgets all that is older than a day, a thousand at once; answers how many. */
  async forgetOld(): Promise<number> {
    for (let forgotten = 0; ; forgotten += AT_ONCE) {
      const gone = await this.forgetSome(AT_ONCE);
      if (gone < AT_ONCE) return forgotten + gone;
    }
  }

  /** Each key that comes takes a few old ones with it, so the table stays as large as a day's requests. */
  private async forgetSome(most = 20): Promise<number> {
    const gone = await this.unitOfWork.query(
      `DELETE FROM idempotency_key WHERE ctid IN (
         SELECT ctid FROM idempotency_key WHERE claimed_at < now() - $1 * interval '1 ms' LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING 1 AS gone`,
      [KEPT_MS, most],
    );
    return gone.length;
  }
}

export class CreateIdempotency1763000100000 implements MigrationInterface {
  readonly name = 'CreateIdempotency1763000100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_key (
        partner_id uuid NOT NULL,
        route text NOT NULL,
        key text NOT NULL,
        body_hash text NOT NULL,
        claimed_at timestamptz NOT NULL,
        answer text,
        PRIMARY KEY (partner_id, route, key)
      )`);
    await runner.query('CREATE INDEX idempotency_key_by_age ON idempotency_key (claimed_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_key');
  }
}
