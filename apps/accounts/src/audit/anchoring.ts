import { type Secret, systemClock } from '@backhaul/domain';
import type { createKafka, Publisher } from '@backhaul/messaging';
import type { UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import { AnchorHeads } from './anchor-heads.js';
import { anchorsIn } from './anchors.js';
import { AuditRepository } from './audit.repository.js';
import { HeadSignature } from './head-signature.js';

export interface AnchoringSettings {
  unitOfWork: UnitOfWork;
  kafka: ReturnType<typeof createKafka>;
  prefix: string;
  publisher: Pick<Publisher, 'send'>;
  /** Outlives the key encryption key. */
  platformKey: Secret<Buffer>;
  logger: Logger;
}

/** What anchors audit logs in Kafka, put together; not started. */
export function anchoringOf({
  unitOfWork,
  kafka,
  prefix,
  publisher,
  platformKey,
  logger,
}: AnchoringSettings) {
  const signature = new HeadSignature(platformKey);
  const anchors = anchorsIn({ kafka, prefix }, signature);
  const audit = new AuditRepository(unitOfWork);
  const anchorHeads = new AnchorHeads(unitOfWork, audit, {
    anchors,
    signature,
    publish: (records) => publisher.send(records),
    clock: systemClock,
    logger,
  });
  return {
    signature,
    anchors,
    audit,
    anchorHeads,
    start: (everyMinutes: number): void => {
      anchors.start();
      anchorHeads.start(everyMinutes);
    },
    stop: async (): Promise<void> => {
      await anchorHeads.stop();
      await anchors.close();
    },
  };
}
