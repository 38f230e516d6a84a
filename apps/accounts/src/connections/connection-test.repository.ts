import type { Scope, UnitOfWork } from '@backhaul/persistence';

const ALLOWED = 5;

/** Counts a partner's connection tests, over all processes: at most five in any minute. */
export class ConnectionTestRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Takes one; answers 0, or the seconds after which there is one again. */
  async take({ partnerId }: Scope): Promise<number> {
    const taken = await this.unitOfWork.query(
      `INSERT INTO connection_test AS t (partner_id, recent) VALUES ($1, ARRAY[now()])
       ON CONFLICT (partner_id) DO UPDATE
         SET recent = t.recent[greatest(1, cardinality(t.recent) - $2 + 2):] || now()
         WHERE cardinality(t.recent) < $2 OR t.recent[1] <= now() - interval '1 minute'
       RETURNING 1`,
      [partnerId, ALLOWED],
    );
    if (taken.length > 0) return 0;
    const [row] = await this.unitOfWork.query<{ seconds: number }>(
      `SELECT extract(epoch FROM recent[1] + interval '1 minute' - now())::float AS seconds FROM connection_test WHERE partner_id = $1`,
      [partnerId],
    );
    return Math.max(1, Math.ceil(row?.seconds ?? 1));
  }
}
