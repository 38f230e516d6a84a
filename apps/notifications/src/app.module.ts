import { type Clock, systemClock } from '@backhaul/domain';
import { IdempotencyTable, Relay, UnitOfWork } from '@backhaul/persistence';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { BrandsConsumer } from './brands/brands.consumer.js';
import { ApplyRulesHandler } from './requests/apply-rules.handler.js';
import { BackupEventsConsumer } from './requests/backup-events.consumer.js';
import { RaisedRepository } from './requests/raised.repository.js';
import { ChangeRulesHandler } from './rules/change-rules.handler.js';
import { EventTypesController } from './rules/event-types.controller.js';
import { RuleBook } from './rules/rule-book.js';
import { RuleRepository } from './rules/rule.repository.js';
import { RulesController } from './rules/rules.controller.js';

export interface AppParts {
  dataSource: DataSource;
  relay: Relay;
  clock?: Clock;
}

@Module({})
export class AppModule {
  static with({ dataSource, relay, clock = systemClock }: AppParts): DynamicModule {
    const unitOfWork = new UnitOfWork(dataSource);
    const rules = new RuleRepository(dataSource);
    const applyRules = new ApplyRulesHandler(unitOfWork, new RuleBook(rules), new RaisedRepository(), clock);
    return {
      module: AppModule,
      controllers: [RulesController, EventTypesController, BackupEventsConsumer, BrandsConsumer],
      providers: [
        { provide: Relay, useValue: relay },
        { provide: UnitOfWork, useValue: unitOfWork },
        { provide: IdempotencyTable, useValue: new IdempotencyTable(unitOfWork) },
        { provide: RuleRepository, useValue: rules },
        { provide: ChangeRulesHandler, useValue: new ChangeRulesHandler(rules, unitOfWork, clock) },
        { provide: ApplyRulesHandler, useValue: applyRules },
      ],
    };
  }
}
