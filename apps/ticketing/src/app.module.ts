import { systemClock } from '@backhaul/domain';
import { DeadLettersController } from '@backhaul/http';
import { NO_REPLAYER, type Provider, type Replayer } from '@backhaul/messaging';
import {
  type Claimable,
  DeadLetterDesk,
  DeadLetterRepository,
  Dispatcher,
  type DispatcherSettings,
  outboxAuditTrail,
  UnitOfWork,
} from '@backhaul/persistence';
import { scrubText as scrub } from '@backhaul/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ConnectionRepository, type Limits } from './connections/connection.repository.js';
import type { TicketPorts } from './connections/ticket-ports.js';
import { ExplanationRepository } from './explanations/explanation.repository.js';
import { ExplanationsController } from './explanations/explanations.controller.js';
import { FoldRequestsHandler } from './incidents/fold-requests.handler.js';
import { IncidentRepository } from './incidents/incident.repository.js';
import { IncidentViewRepository } from './incidents/incident-view.repository.js';
import { IncidentsController } from './incidents/incidents.controller.js';
import { ResolveIncidentHandler } from './incidents/resolve-incident.handler.js';
import { ticketRequestsConsumer } from './incidents/ticket-requests.consumer.js';
import {
  ExecuteHeadHandler,
  type ExecuteObserver,
  type ExecuteSettings,
} from './lanes/execute-head.handler.js';
import { LaneRepository, type Lease } from './lanes/lane.repository.js';
import { LaneViewRepository } from './lanes/lane-view.repository.js';
import { LanesController } from './lanes/lanes.controller.js';
import { RecordRepository } from './lanes/record.repository.js';
import { RetryLanesHandler } from './lanes/retry-lanes.handler.js';
import { MapCheckRepository } from './map-checks/map-check.repository.js';
import { MapWatch } from './map-checks/map-watch.js';
import { PROVIDER, ReadModelsConsumer } from './read-models/read-models.consumer.js';
import { CallBudget } from './setup/call-budget.js';
import { SETUP_CONTROLLERS, setupParts } from './setup/setup-parts.js';
import type { SetupPorts } from './setup/setup-ports.js';
import { TABLES } from './read-models/scope-tables.js';
import { Reconciler, type ReconcilerSettings } from './reconciler/reconciler.js';

export interface AppParts {
  provider: Provider;
  dataSource: DataSource;
  ports: Pick<TicketPorts, 'of'>;
  setupPorts: Pick<SetupPorts, 'with'>;
  /** The text of SERVICE_TOKEN_KEY. */
  serviceTokenKey: string;
  limits: Limits;
  reopenWithinHours: number;
  dispatcher: DispatcherSettings;
  execute: ExecuteSettings;
  reconciler: ReconcilerSettings;
  /** Milliseconds after which the companies of a customer map are looked for again. */
  checkMapEveryMs: number;
  observer: ExecuteObserver;
  /** Takes what was set aside once more. */
  replayer?: Replayer;
}

/** The parts that run by themselves beside HTTP and Kafka. */
export interface Engine {
  dispatcher: Dispatcher;
  reconciler: Reconciler;
  mapWatch: MapWatch;
}

@Module({})
export class AppModule {
  static with(parts: AppParts): { module: DynamicModule; engine: Engine } {
    const { dataSource, provider, ports, observer } = parts;
    const unitOfWork = new UnitOfWork(dataSource);
    const connections = new ConnectionRepository(dataSource, parts.limits, provider);
    const lanes = new LaneRepository(dataSource, parts.reopenWithinHours);
    const records = new RecordRepository(unitOfWork, provider);
    const executeHead = new ExecuteHeadHandler(lanes, connections, records, ports, parts.execute, observer);
    const dispatcher = new Dispatcher(laneWork(lanes, executeHead), parts.dispatcher);
    const reconciler = new Reconciler(dataSource, connections, ports, parts.reconciler, (count) =>
      observer.duplicates(count),
    );
    const mapWatch = mapWatchOf(parts, unitOfWork, connections);
    const incidents = new IncidentRepository(parts.reopenWithinHours);
    const provided = [
      unitOfWork, connections, dispatcher,
      new FoldRequestsHandler(unitOfWork, incidents, connections, provider, () => dispatcher.wake()),
      new ResolveIncidentHandler(unitOfWork, incidents, provider, () => dispatcher.wake()),
      new IncidentViewRepository(dataSource, provider),
      new LaneViewRepository(dataSource, provider),
      new ExplanationRepository(dataSource, provider),
      new RetryLanesHandler(unitOfWork, dispatcher),
      ...setupParts({ unitOfWork, connections, provider, ports: parts.setupPorts, serviceTokenKey: parts.serviceTokenKey }),
    ]; // prettier-ignore
    const { replayer = NO_REPLAYER } = parts;
    const letters = new DeadLetterRepository(unitOfWork, TABLES);
    const desk = new DeadLetterDesk({ unitOfWork, letters, replayer, audit: outboxAuditTrail, scrub });
    const module: DynamicModule = {
      module: AppModule,
      controllers: [
        ticketRequestsConsumer(provider),
        ReadModelsConsumer,
        IncidentsController,
        LanesController,
        ...SETUP_CONTROLLERS,
        ExplanationsController,
        DeadLettersController,
      ],
      providers: [
        { provide: PROVIDER, useValue: provider },
        ...DeadLettersController.providers(desk, `ticketing-${provider}`),
        ...provided.map((value) => ({ provide: value.constructor, useValue: value })),
      ],
    };
    return { module, engine: { dispatcher, reconciler, mapWatch } };
  }
}

/** What the dispatcher does: the first command of a lane. */
export const laneWork = (
  lanes: Pick<LaneRepository, 'claim'>,
  executeHead: Pick<ExecuteHeadHandler, 'handle'>,
): Claimable<Lease> => ({
  claim: (slots, leaseMs) => lanes.claim(slots, leaseMs),
  handle: (lease) => executeHead.handle(lease),
  nameOf: ({ laneKey }) => `Lane ${laneKey}`,
});

function mapWatchOf(parts: AppParts, unitOfWork: UnitOfWork, connections: ConnectionRepository): MapWatch {
  const { provider, setupPorts: ports, checkMapEveryMs: everyMs } = parts;
  const maps = new MapCheckRepository(unitOfWork, provider);
  const budget = new CallBudget(unitOfWork);
  return new MapWatch({ maps, connections, budget, ports, clock: systemClock, everyMs });
}
