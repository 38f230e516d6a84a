import { BackupEventPayload, backupEvents, type Delivered, OnTopic } from '@backhaul/messaging';
import { Controller } from '@nestjs/common';
import { CountResultsHandler } from './count-results.handler.js';

@Controller()
export class BackupEventsConsumer {
  constructor(private readonly countResults: CountResultsHandler) {}

  @OnTopic(backupEvents)
  async onBackupEvents(batch: Delivered<BackupEventPayload>[]): Promise<void> {
    await this.countResults.handle(batch.flatMap(({ payload }) => payload?.event ?? []));
  }
}
