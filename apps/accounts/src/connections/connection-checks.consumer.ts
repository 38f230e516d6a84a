import { ConnectionCheckPayload, connectionChecks, type Delivered, OnTopic } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';
import type { LastCheck } from './connection.entity.js';

/** A check of other credentials, or older than what is known, says nothing about now. */
const WRITE = `
  UPDATE psa_connection SET last_check = $4
  WHERE partner_id = $1 AND connection_id = $2 AND version = $3
    AND (last_check IS NULL OR (last_check::json->>'version')::int <> $3 OR (last_check::json->>'at')::timestamptz < $5)`;

/** What PSAs say of stored credentials while tickets are worked on (B14). A repeat changes nothing. */
@Controller()
export class ConnectionChecksConsumer {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  @OnTopic(connectionChecks)
  async onChecks(batch: Delivered<ConnectionCheckPayload>[]): Promise<void> {
    for (const { connectionId, partnerId, reason, at, ...told } of batch.flatMap(
      ({ payload }) => payload ?? [],
    )) {
      const version = Number(told.version);
      const check: LastCheck = { version, reason: reason ?? null, at };
      await this.unitOfWork.query(WRITE, [partnerId, connectionId, version, JSON.stringify(check), at]);
    }
  }
}
