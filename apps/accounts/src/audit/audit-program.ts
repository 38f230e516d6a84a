import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '@backhaul/domain';
import { createKafka, Publisher } from '@backhaul/messaging';
import { Keyring, UnitOfWork } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { Logger } from '@nestjs/common';
import type { AuditSettings } from '../config.js';
import { fingerprintKeyOf } from '../data-keys/fingerprint-key.js';
import { accountsDataSource } from '../database.js';
import type { AnchorHeads } from './anchor-heads.js';
import { anchoringOf } from './anchoring.js';
import type { AuditRepository } from './audit.repository.js';
import { CheckAudit } from './check-audit.js';
import type { HeadSignature } from './head-signature.js';

const LONGEST_MS = 60_000;

/** What the operator's programs about audit logs have in common. */
export interface AuditProgram {
  unitOfWork: UnitOfWork;
  audit: AuditRepository;
  check: CheckAudit;
  anchorHeads: AnchorHeads;
  signature: HeadSignature;
  close(): Promise<void>;
}

/** With every anchor read. @throws Error when Kafka cannot be read within a minute */
export async function openAudit(config: Readonly<AuditSettings>): Promise<AuditProgram> {
  // Standard output is what the program says.
  Logger.overrideLogger(['error']);
  const dataSource = await accountsDataSource(config.DATABASE_URL, 2, 'runtime').initialize();
  const keyring = Keyring.of(config.KEY_ENCRYPTION_KEY, config.KEY_ENCRYPTION_KEYS_OLD);
  const platformKey = await fingerprintKeyOf(dataSource, keyring);
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: 'accounts' });
  const prefix = config.KAFKA_TOPIC_PREFIX;
  const publisher = new Publisher(kafka, { prefix });
  const unitOfWork = new UnitOfWork(dataSource);
  const logger = createLogger({ service: 'accounts', level: 'silent' });
  const { anchors, signature, audit, anchorHeads } = anchoringOf({
    unitOfWork,
    kafka,
    prefix,
    publisher,
    platformKey,
    logger,
  });
  const close = async (): Promise<void> => {
    await anchors.close();
    await publisher.close();
    await dataSource.destroy();
  };
  anchors.start();
  const until = systemClock.monotonicMs() + LONGEST_MS;
  while (!anchors.isReady && systemClock.monotonicMs() < until) await wait(100);
  if (!anchors.isReady) {
    await close();
    throw new Error('The anchors in Kafka could not be read.');
  }
  return { unitOfWork, audit, check: new CheckAudit(audit, anchors), anchorHeads, signature, close };
}
