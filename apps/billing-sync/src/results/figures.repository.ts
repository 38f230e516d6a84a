import type { Tx, UnitOfWork } from '@backhaul/persistence';
import type { BackupStatistics } from '@backhaul/psa';
import type { CountedResult } from './result-of.js';

/** What the PSA's report shows: the backups of so many days, today included. */
export const PERIOD_DAYS = 30;
export const FIRST_DAY = `(clock_timestamp() AT TIME ZONE 'UTC')::date - ${PERIOD_DAYS - 1}`;

export interface CustomerFigures extends BackupStatistics {
  custId: number;
}

/** How many backups of each customer ended, and how, by the day. */
export class FiguresRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async add(tx: Tx, results: readonly CountedResult[]): Promise<void> {
    if (results.length === 0) return;
    await tx.query(
      `INSERT INTO result_day AS d (partner_id, cust_id, day, successful, failed)
       SELECT partner_id, cust_id, day, count(*) FILTER (WHERE ok), count(*) FILTER (WHERE NOT ok)
       FROM unnest($1::uuid[], $2::bigint[], $3::date[], $4::boolean[]) AS r (partner_id, cust_id, day, ok)
       GROUP BY partner_id, cust_id, day ORDER BY partner_id, cust_id, day
       ON CONFLICT (partner_id, cust_id, day)
       DO UPDATE SET successful = d.successful + excluded.successful, failed = d.failed + excluded.failed`,
      [
        results.map(({ partnerId }) => partnerId),
        results.map(({ custId }) => custId),
        results.map(({ day }) => day),
        results.map(({ isSuccessful }) => isSuccessful),
      ],
    );
  }

  /** Of the last 30 days. */
  async of(partnerId: string, custIds: readonly number[]): Promise<Map<number, BackupStatistics>> {
    const rows = await this.unitOfWork.query<CustomerFigures>(
      `SELECT cust_id::int AS "custId", sum(successful)::int AS "successfulBackupJobs", sum(failed)::int AS "failedBackupJobs"
       FROM result_day WHERE partner_id = $1 AND cust_id = ANY($2) AND day >= ${FIRST_DAY} GROUP BY cust_id`,
      [partnerId, custIds],
    );
    return new Map(rows.map(({ custId, ...figures }) => [custId, figures]));
  }
}

export const NO_FIGURES: BackupStatistics = { successfulBackupJobs: 0, failedBackupJobs: 0 };
