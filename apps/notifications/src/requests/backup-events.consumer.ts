import { type BackupEventPayload, backupEvents, type Delivered, OnTopic } from '@backhaul/messaging';
import { Relay } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';
import { ApplyRulesHandler } from './apply-rules.handler.js';

@Controller()
export class BackupEventsConsumer {
  constructor(
    private readonly applyRules: ApplyRulesHandler,
    private readonly relay: Relay,
  ) {}

  @OnTopic(backupEvents)
  async onBackupEvents(batch: Delivered<BackupEventPayload>[]): Promise<void> {
    await this.applyRules.handle(batch);
    this.relay.wake();
  }
}
