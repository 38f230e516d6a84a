import { DeadLettersController } from '@backhaul/http';
import { NO_REPLAYER, type Provider, type Replayer } from '@backhaul/messaging';
import {
  DeadLetterDesk, DeadLetterRepository, Dispatcher, IdempotencyTable, outboxAuditTrail, UnitOfWork,
} from '@backhaul/persistence'; // prettier-ignore
import { holdsStatistics } from '@backhaul/psa';
import { scrubText as scrub } from '@backhaul/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ConnectionRepository } from './connections/connection.repository.js';
import type { StatisticsPorts } from './connections/statistics-ports.js';
import { PROVIDER, ReadModelsConsumer } from './read-models/read-models.consumer.js';
import { TABLES } from './read-models/scope-tables.js';
import { ExecutiveController } from './reports/executive.controller.js';
import { ExecutiveReportRepository } from './reports/executive-report.repository.js';
import { BackupEventsConsumer } from './results/backup-events.consumer.js';
import { CountResultsHandler } from './results/count-results.handler.js';
import { FiguresRepository } from './results/figures.repository.js';
import { AcceptRequestsHandler } from './syncs/accept-requests.handler.js';
import { OrderSyncHandler } from './syncs/order-sync.handler.js';
import { PushCustomerHandler, type PushObserver, type PushSettings } from './syncs/push-customer.handler.js';
import { type Lease, PushRepository } from './syncs/push.repository.js';
import { SettleWaitingHandler } from './syncs/settle-waiting.handler.js';
import { SyncRepository } from './syncs/sync.repository.js';
import { syncRequestsConsumer } from './syncs/sync-requests.consumer.js';
import { SyncViewRepository } from './syncs/sync-view.repository.js';
import { SyncsController } from './syncs/syncs.controller.js';

export interface AppParts {
  provider: Provider;
  dataSource: DataSource;
  ports: Pick<StatisticsPorts, 'push'>;
  push: PushSettings & { slots: number; maxPerMinute: number };
  observer: PushObserver;
  /** Takes what was set aside once more. */
  replayer?: Replayer;
}

/** Pause while nothing is due, milliseconds. */
const IDLE_MS = 500;

@Module({})
export class AppModule {
  static with(parts: AppParts): { module: DynamicModule; dispatcher: Dispatcher<Lease> } {
    const { dataSource, provider, ports, push, observer } = parts;
    const unitOfWork = new UnitOfWork(dataSource);
    const connections = new ConnectionRepository(unitOfWork);
    const figures = new FiguresRepository(unitOfWork);
    const syncs = new SyncRepository();
    const pushes = new PushRepository(unitOfWork, syncs, connections, provider);
    const pushCustomer = new PushCustomerHandler(pushes, figures, connections, ports, push, observer);
    const paceMs = 60_000 / push.maxPerMinute;
    const { slots, leaseMs } = push;
    const dispatcher: Dispatcher<Lease> = new Dispatcher(
      {
        claim: (free, ms) => pushes.claim(free, ms, paceMs),
        handle: (lease) => pushCustomer.handle(lease),
        nameOf: ({ custId }) => `Customer ${custId}`,
      },
      { slots, leaseMs, idleMs: IDLE_MS },
    );
    const wake = (): void => dispatcher.wake();
    const { replayer = NO_REPLAYER } = parts;
    const letters = new DeadLetterRepository(unitOfWork, TABLES);
    const desk = new DeadLetterDesk({ unitOfWork, letters, replayer, audit: outboxAuditTrail, scrub });
    const provided = [
      unitOfWork, connections, figures, dispatcher,
      new CountResultsHandler(unitOfWork, figures),
      new AcceptRequestsHandler(unitOfWork, syncs, connections, provider, wake),
      new OrderSyncHandler(unitOfWork, syncs, connections, provider, wake),
      new SettleWaitingHandler(connections, provider),
      new SyncViewRepository(unitOfWork, provider),
      new ExecutiveReportRepository(unitOfWork),
      new IdempotencyTable(unitOfWork),
    ]; // prettier-ignore
    const module: DynamicModule = {
      module: AppModule,
      controllers: [
        syncRequestsConsumer(provider),
        ReadModelsConsumer,
        ...(holdsStatistics(provider) ? [BackupEventsConsumer, ExecutiveController] : []),
        SyncsController,
        DeadLettersController,
      ],
      providers: [
        { provide: PROVIDER, useValue: provider },
        ...DeadLettersController.providers(desk, `billing-sync-${provider}`),
        ...provided.map((value) => ({ provide: value.constructor, useValue: value })),
      ],
    };
    return { module, dispatcher };
  }
}
