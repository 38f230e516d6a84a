import { auditEntries, AuditEntryPayload, type Delivered, OnTopic } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';
import { AuditRepository } from './audit.repository.js';

/** What was done in the other services. A repeat is known by its id. */
@Controller()
export class AuditConsumer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
  ) {}

  @OnTopic(auditEntries)
  async onEntries(batch: Delivered<AuditEntryPayload>[]): Promise<void> {
    // Partners in one order, so that two batches wait for each other instead of deadlocking.
    const entries = batch.flatMap(({ payload }) => payload ?? []);
    const ordered = entries.toSorted((a, b) =>
      a.partnerId < b.partnerId ? -1 : a.partnerId > b.partnerId ? 1 : 0,
    );
    await this.unitOfWork.run(async (tx) => {
      for (const entry of ordered) await this.audit.append(tx, entry);
    });
  }
}
