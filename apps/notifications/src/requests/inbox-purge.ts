import { purgeInbox, UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import { MailRepository } from '../mail/mail.repository.js';

/** Longer than Kafka keeps records, so that nothing forgotten can come again. */
const KEPT_DAYS = 30;
const EVERY_MS = 6 * 60 * 60 * 1000;

/** Forgets old entries of the inbox, old mails and old idempotency keys, every six hours. */
export function startInboxPurge(dataSource: DataSource, logger: Logger): { stop(): void } {
  const unitOfWork = new UnitOfWork(dataSource);
  const mails = new MailRepository();
  const purge = async () => {
    try {
      await unitOfWork.run(async (tx) => {
        await purgeInbox(tx, KEPT_DAYS);
        await mails.purge(tx, KEPT_DAYS);
        await tx.query(`DELETE FROM idempotency_key WHERE claimed_at < now() - interval '24 hours'`);
      });
    } catch (error) {
      logger.warn({ err: error }, 'old inbox entries stay for now');
    }
  };
  const timer = setInterval(() => void purge(), EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
