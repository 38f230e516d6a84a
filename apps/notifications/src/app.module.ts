import { type Clock, systemClock } from '@backhaul/domain';
import { DeadLettersController } from '@backhaul/http';
import { NO_REPLAYER, type Replayer } from '@backhaul/messaging';
import {
  DeadLetterDesk,
  DeadLetterRepository,
  IdempotencyTable,
  outboxAuditTrail,
  Relay,
  UnitOfWork,
} from '@backhaul/persistence';
import { scrubText as scrub } from '@backhaul/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { AccountsConsumer } from './accounts/accounts.consumer.js';
import { KnownAccountRepository } from './accounts/known-account.repository.js';
import { BrandsConsumer } from './brands/brands.consumer.js';
import { eventHandlerParts } from './event-handlers/event-handler-parts.js';
import { EventHandlersController } from './event-handlers/event-handlers.controller.js';
import { WebRequestsController } from './event-handlers/web-requests.controller.js';
import { ExplainHandler } from './explanations/explain.handler.js';
import { ExplanationsController } from './explanations/explanations.controller.js';
import { MailRequestsConsumer } from './mail/mail-requests.consumer.js';
import { MailRepository } from './mail/mail.repository.js';
import type { MailQueue } from './mail/mail-queue.js';
import { RuleMails } from './mail/rule-mails.js';
import { PostMailHandler } from './mail/post-mail.handler.js';
import { ChangeOptionsHandler } from './options/change-options.handler.js';
import { OptionsController } from './options/options.controller.js';
import { OptionsRepository } from './options/options.repository.js';
import { ApplyRulesHandler } from './requests/apply-rules.handler.js';
import { BackupEventsConsumer } from './requests/backup-events.consumer.js';
import { RaisedRepository } from './requests/raised.repository.js';
import type { EventLogClient } from './previews/event-log.client.js';
import { PreviewRuleHandler } from './previews/preview-rule.handler.js';
import { PreviewsController } from './previews/previews.controller.js';
import { ChangeRulesHandler } from './rules/change-rules.handler.js';
import { EventTypesController } from './rules/event-types.controller.js';
import { RuleBook } from './rules/rule-book.js';
import { PsaLinks } from './rules/rule-warnings.js';
import { RuleRepository } from './rules/rule.repository.js';
import { RulesController } from './rules/rules.controller.js';
import { MaintenanceWindowsController } from './silences/maintenance-windows.controller.js';
import { silenceProviders } from './silences/silence-parts.js';
import { SilenceRepository } from './silences/silence.repository.js';
import { SilencesController } from './silences/silences.controller.js';
import { ServiceKey } from './service-key.js';
import { WatchRepository } from './watches/watch.repository.js';
import { DeliveriesController } from './webhooks/deliveries.controller.js';
import { DeliveryRepository } from './webhooks/delivery.repository.js';
import { PostWebhooksHandler } from './webhooks/post-webhooks.handler.js';
import { deliveryProviders } from './webhooks/webhook-parts.js';
import type { WebhookRules } from './webhooks/webhook-rules.js';

export interface AppParts {
  dataSource: DataSource;
  relay: Relay;
  mailQueue: Pick<MailQueue, 'add'>;
  webhooks: { queue: Pick<MailQueue, 'add' | 'again'>; rules: WebhookRules; handlers: WebhookRules };
  /** Seals answers that show a secret. */
  serviceKey: ServiceKey;
  /** Where the event log is asked. */
  eventLog: Pick<EventLogClient, 'page'>;
  /** Accounts' word on who has set up which PSA. */
  connections: ConstructorParameters<typeof PsaLinks>[0];
  clock?: Clock;
  /** Takes what was set aside once more. */
  replayer?: Replayer;
}

/** Accounts stand here for customers, whom this service does not know. */
const LETTER_TABLES = {
  customers: '(SELECT partner_id, account_no AS cust_id, brand_id FROM known_account)',
  brands: 'known_brand',
};

const CONTROLLERS = [
  PreviewsController,
  DeliveriesController,
  RulesController,
  EventHandlersController,
  WebRequestsController,
  SilencesController,
  MaintenanceWindowsController,
  EventTypesController,
  OptionsController,
  ExplanationsController,
  DeadLettersController,
  BackupEventsConsumer,
  BrandsConsumer,
  AccountsConsumer,
  MailRequestsConsumer,
];

@Module({})
export class AppModule {
  static with(parts: AppParts): DynamicModule {
    const { dataSource, relay, mailQueue, webhooks, serviceKey, eventLog } = parts;
    const { replayer = NO_REPLAYER, clock = systemClock } = parts;
    const unitOfWork = new UnitOfWork(dataSource);
    const rules = new RuleRepository(dataSource);
    const accounts = new KnownAccountRepository(dataSource);
    const mails = new MailRepository();
    const postMail = new PostMailHandler(mails, mailQueue, new RuleMails(clock), clock);
    const postWebhooks = new PostWebhooksHandler(new DeliveryRepository(dataSource), webhooks.queue);
    const posts = { mail: postMail, webhooks: postWebhooks };
    const handlers = eventHandlerParts({
      unitOfWork,
      rules,
      accounts,
      posts,
      webhooks: webhooks.handlers,
      clock,
    });
    const applyRules = new ApplyRulesHandler(
      unitOfWork,
      new RuleBook(rules, new SilenceRepository(dataSource), handlers.repository),
      new RaisedRepository(),
      new WatchRepository(),
      { ...posts, handlers: handlers.run },
      clock,
    );
    const idempotency = new IdempotencyTable(unitOfWork);
    const changeOptions = new ChangeOptionsHandler(unitOfWork, accounts, new OptionsRepository());
    const letters = new DeadLetterRepository(unitOfWork, LETTER_TABLES, 'account_no');
    const desk = new DeadLetterDesk({ unitOfWork, letters, replayer, audit: outboxAuditTrail, scrub });
    return {
      module: AppModule,
      controllers: CONTROLLERS,
      providers: [
        ...DeadLettersController.providers(desk, 'notifications'),
        { provide: Relay, useValue: relay },
        { provide: UnitOfWork, useValue: unitOfWork },
        { provide: IdempotencyTable, useValue: idempotency },
        { provide: RuleRepository, useValue: rules },
        {
          provide: ChangeRulesHandler,
          useValue: new ChangeRulesHandler(rules, unitOfWork, webhooks.rules, clock),
        },
        { provide: ExplainHandler, useValue: new ExplainHandler(dataSource, rules) },
        { provide: ServiceKey, useValue: serviceKey },
        { provide: PsaLinks, useValue: new PsaLinks(parts.connections) },
        { provide: PreviewRuleHandler, useValue: new PreviewRuleHandler(rules, unitOfWork, eventLog, clock) },
        ...handlers.providers,
        ...deliveryProviders(unitOfWork, webhooks.queue),
        ...silenceProviders(unitOfWork, rules, idempotency, clock),
        { provide: ApplyRulesHandler, useValue: applyRules },
        { provide: KnownAccountRepository, useValue: accounts },
        { provide: MailRepository, useValue: mails },
        { provide: PostMailHandler, useValue: postMail },
        { provide: ChangeOptionsHandler, useValue: changeOptions },
      ],
    };
  }
}
