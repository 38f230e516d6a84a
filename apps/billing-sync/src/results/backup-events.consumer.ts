import { BackupEventPayload, backupEvents, crashPoint, type Delivered, OnTopic } from '@backhaul/messaging';
import { claimInbox, UnitOfWork } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';
import { FiguresRepository } from './figures.repository.js';
import { resultOf } from './result-of.js';

/** Who claims an event's id: whether an event is counted is read there too. */
export const COUNTED = 'backup-events';

/** Counts each event once, however often it comes: a relay repeats, and so does reprocessing. */
@Controller()
export class BackupEventsConsumer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly figures: FiguresRepository,
  ) {}

  @OnTopic(backupEvents)
  async onBackupEvents(batch: Delivered<BackupEventPayload>[]): Promise<void> {
    const events = new Map(
      batch.flatMap(({ payload }) => (payload ? [[payload.event.eventId as string, payload.event]] : [])),
    );
    await this.unitOfWork.run(async (tx) => {
      const fresh = await claimInbox(tx, COUNTED, [...events.keys()]);
      const results = [...fresh].flatMap((id) => {
        const event = events.get(id);
        return (event && resultOf(event)) ?? [];
      });
      await this.figures.add(tx, results);
      crashPoint('count.before-commit');
    });
  }
}
