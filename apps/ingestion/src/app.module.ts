import type { Clock } from '@backhaul/domain';
import { DeadLettersController } from '@backhaul/http';
import type { Replayer } from '@backhaul/messaging';
import {
  DeadLetterDesk,
  DeadLetterRepository,
  IdempotencyTable,
  outboxAuditTrail,
  Relay,
  UnitOfWork,
} from '@backhaul/persistence';
import { scrubText as scrub } from '@backhaul/telemetry';
import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AccountDirectory } from './accounts/account-directory.js';
import { AccountReadModel } from './accounts/account.read-model.js';
import { TABLES } from './accounts/scope-tables.js';
import { AccountsConsumer } from './accounts/accounts.consumer.js';
import { AlarmHoldsController } from './alarm-holds/alarm-holds.controller.js';
import { DecideHeldAlarmsHandler } from './alarm-holds/decide-held-alarms.handler.js';
import { AgentRoutes } from './agents/agent.routes.js';
import { CanonicalRoutes } from './agents/canonical.routes.js';
import { ChangeEndpointsHandler } from './endpoints/change-endpoints.handler.js';
import { EndpointKeys } from './endpoints/endpoint-keys.js';
import { EndpointRepository } from './endpoints/endpoint.repository.js';
import { EndpointsController } from './endpoints/endpoints.controller.js';
import { BreakerRepository } from './breakers/breaker.repository.js';
import { BreakersConsumer } from './breakers/breakers.consumer.js';
import { AccountEventsController } from './events/account-events.controller.js';
import { CsvDownloads } from './events/csv-downloads.js';
import { EventExport } from './events/event-export.js';
import { EventPages } from './events/event-pages.js';
import { EventFinder } from './events/event-search.js';
import { EventRepository } from './events/event.repository.js';
import { EventsCsvController } from './events/events-csv.controller.js';
import { EventsController } from './events/events.controller.js';
import { EventActionRepository } from './outcomes/event-action.repository.js';
import { OutcomesConsumer } from './outcomes/outcomes.consumer.js';
import { OperationRepository } from './reprocessing/operation.repository.js';
import { OperationsController } from './reprocessing/operations.controller.js';
import { ReprocessController } from './reprocessing/reprocess.controller.js';
import { ReprocessEventHandler } from './reprocessing/reprocess-event.handler.js';
import { EventRetention } from './retention/event-retention.js';
import { EventRetentionController } from './retention/event-retention.controller.js';
import { ChangeSavedSearchesHandler } from './saved-searches/change-saved-searches.handler.js';
import { SavedSearchRepository } from './saved-searches/saved-search.repository.js';
import { SavedSearchesController } from './saved-searches/saved-searches.controller.js';
import { SearchResults } from './saved-searches/search-results.js';
import { SearchResultsController } from './saved-searches/search-results.controller.js';
import { ChangeScheduleHandler } from './schedules/change-schedule.handler.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { CLOCK, PUBLIC_INGEST_URL, SERVICE_TOKEN_KEY } from './tokens.js';
import { UnassignedController } from './unassigned/unassigned.controller.js';
import { UnassignedRepository } from './unassigned/unassigned.repository.js';

/** What is made before Nest, because it must also be stopped in order. */
export interface AppParts {
  unitOfWork: UnitOfWork;
  relay: Relay;
  clock: Clock;
  publicUrl: string;
  serviceTokenKey: string;
  directory: AccountDirectory;
  keys: EndpointKeys;
  endpoints: EndpointRepository;
  events: EventRepository;
  finder: EventFinder;
  exports: EventExport;
  searchResults: SearchResults;
  eventRetention: EventRetention;
  actions: EventActionRepository;
  agentRoutes: AgentRoutes;
  canonicalRoutes: CanonicalRoutes;
  /** Takes what was set aside once more. */
  replayer: Replayer;
}

@Module({})
export class AppModule implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly agentRoutes: AgentRoutes,
    private readonly canonicalRoutes: CanonicalRoutes,
  ) {}

  static with(parts: AppParts): DynamicModule {
    const { unitOfWork, replayer } = parts;
    const letters = new DeadLetterRepository(unitOfWork, TABLES);
    const desk = new DeadLetterDesk({ unitOfWork, letters, replayer, audit: outboxAuditTrail, scrub });
    return {
      module: AppModule,
      controllers: [
        EndpointsController,
        UnassignedController,
        EventsController,
        AccountEventsController,
        EventsCsvController,
        EventRetentionController,
        ReprocessController,
        OperationsController,
        SchedulesController,
        AlarmHoldsController,
        SavedSearchesController,
        SearchResultsController,
        DeadLettersController,
        BreakersConsumer,
        AccountsConsumer,
        OutcomesConsumer,
      ],
      providers: [
        ...DeadLettersController.providers(desk, 'ingestion'),
        AccountReadModel,
        EventPages,
        CsvDownloads,
        SavedSearchRepository,
        ChangeSavedSearchesHandler,
        ChangeEndpointsHandler,
        UnassignedRepository,
        BreakerRepository,
        OperationRepository,
        ReprocessEventHandler,
        ChangeScheduleHandler,
        DecideHeldAlarmsHandler,
        { provide: CLOCK, useValue: parts.clock },
        { provide: PUBLIC_INGEST_URL, useValue: parts.publicUrl },
        { provide: SERVICE_TOKEN_KEY, useValue: parts.serviceTokenKey },
        { provide: UnitOfWork, useValue: parts.unitOfWork },
        { provide: IdempotencyTable, useValue: new IdempotencyTable(parts.unitOfWork) },
        { provide: Relay, useValue: parts.relay },
        { provide: AccountDirectory, useValue: parts.directory },
        { provide: EndpointKeys, useValue: parts.keys },
        { provide: EndpointRepository, useValue: parts.endpoints },
        { provide: EventRepository, useValue: parts.events },
        { provide: EventFinder, useValue: parts.finder },
        { provide: EventExport, useValue: parts.exports },
        { provide: SearchResults, useValue: parts.searchResults },
        { provide: EventRetention, useValue: parts.eventRetention },
        { provide: EventActionRepository, useValue: parts.actions },
        { provide: AgentRoutes, useValue: parts.agentRoutes },
        { provide: CanonicalRoutes, useValue: parts.canonicalRoutes },
      ],
    };
  }

  /** Agents' routes go straight to Fastify: Nest's guards and pipes would cost more than the rest of a report. */
  onModuleInit(): void {
    const fastify = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    this.agentRoutes.register(fastify);
    this.canonicalRoutes.register(fastify);
  }
}
