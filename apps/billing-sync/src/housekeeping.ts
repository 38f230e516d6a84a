import { IdempotencyTable, purgeInbox, Repeated, type UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';

const EVERY_MS = 3_600_000;
/** Longer than Kafka keeps records, and than a day is counted: what is forgotten cannot be counted twice. */
const INBOX_KEPT_DAYS = 40;
const LEDGER_KEPT_DAYS = 400;

/** Forgets what nobody needs any more, every hour. */
export function housekeepingOf(unitOfWork: UnitOfWork, logger: Logger): Repeated {
  return new Repeated(
    async () => {
      await sweep(unitOfWork);
      return false;
    },
    EVERY_MS,
    (error) => logger.warn({ err: error }, 'what is over stays for now; will be tried again'),
  );
}

export async function sweep(unitOfWork: UnitOfWork): Promise<void> {
  await unitOfWork.run(async (tx) => {
    await purgeInbox(tx, INBOX_KEPT_DAYS);
    await tx.query(`DELETE FROM result_day WHERE day < now() - interval '${LEDGER_KEPT_DAYS} days'`);
    await tx.query(
      `DELETE FROM sync WHERE state <> 'pending' AND created_at < now() - interval '${LEDGER_KEPT_DAYS} days'`,
    );
  });
  await new IdempotencyTable(unitOfWork).forgetOld();
}
