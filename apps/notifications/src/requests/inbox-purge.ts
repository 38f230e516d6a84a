import { purgeInbox, UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import { HandlerRunRepository } from '../event-handlers/handler-run.repository.js';
import { MailRepository } from '../mail/mail.repository.js';
import { OutageRepository } from '../outages/outage.repository.js';
import { SilenceRepository } from '../silences/silence.repository.js';
import { DeliveryRepository } from '../webhooks/delivery.repository.js';
import { WatchRepository } from '../watches/watch.repository.js';

/** Longer than Kafka keeps records, so that nothing forgotten can come again. */
const KEPT_DAYS = 30;
const EVERY_MS = 6 * 60 * 60 * 1000;

/** Silences that are over stay to be read. */
const SILENCES_KEPT_DAYS = 90;

/** Forgets old entries of the inbox, old mails, silences, watches, outages that are over, old runs of event handlers and idempotency keys, every six hours. */
export function startInboxPurge(dataSource: DataSource, logger: Logger): { stop(): void } {
  const unitOfWork = new UnitOfWork(dataSource);
  const mails = new MailRepository();
  const silences = new SilenceRepository(dataSource);
  const watches = new WatchRepository();
  const outages = new OutageRepository();
  const deliveries = new DeliveryRepository(dataSource);
  const runs = new HandlerRunRepository();
  const purge = async () => {
    try {
      await unitOfWork.run(async (tx) => {
        await purgeInbox(tx, KEPT_DAYS);
        await mails.purge(tx, KEPT_DAYS);
        await silences.purge(tx, SILENCES_KEPT_DAYS);
        await watches.purge(tx, KEPT_DAYS);
        await outages.purge(tx, KEPT_DAYS);
        await deliveries.purge(tx, KEPT_DAYS);
        await runs.purge(tx, KEPT_DAYS);
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
