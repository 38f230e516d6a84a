import { type PartnerId, type RuleId, type Scope, uuidv7, wholePartner } from '@backhaul/domain';
import {
  backupEvents,
  type BackupEventPayload,
  type Delivered,
  type DecidedAction,
  type TicketRequestPayload,
} from '@backhaul/messaging';
import { type Tx, UnitOfWork } from '@backhaul/persistence';
import { FixedClock, testDatabase, type TestDatabase } from '@backhaul/testing';
import { ENTITIES } from '../database.js';
import { MIGRATIONS } from '../migrations.js';
import { ChangeEventHandlersHandler } from '../event-handlers/change-event-handlers.handler.js';
import { eventHandlerParts } from '../event-handlers/event-handler-parts.js';
import type { EventHandler, HandlerSettings } from '../event-handlers/event-handler.js';
import { EventHandlerRepository } from '../event-handlers/event-handler.repository.js';
import { KnownAccountRepository } from '../accounts/known-account.repository.js';
import { ApplyRulesHandler } from '../requests/apply-rules.handler.js';
import { MailQueue } from '../mail/mail-queue.js';
import { MailRepository } from '../mail/mail.repository.js';
import { RuleMails } from '../mail/rule-mails.js';
import { PostMailHandler } from '../mail/post-mail.handler.js';
import { OutageRepository } from '../outages/outage.repository.js';
import { SettleOutagesHandler } from '../outages/settle-outages.handler.js';
import { RaisedRepository } from '../requests/raised.repository.js';
import { ChangeRulesHandler } from '../rules/change-rules.handler.js';
import { defaultsFor } from '../rules/rule-defaults.js';
import type { StoredRule } from '../rules/rule.entity.js';
import { RuleBook } from '../rules/rule-book.js';
import { RuleRepository } from '../rules/rule.repository.js';
import type { RuleSettings } from '../rules/rule.js';
import { ChangeSilencesHandler } from '../silences/change-silences.handler.js';
import { SilenceRepository } from '../silences/silence.repository.js';
import { RaiseDueHandler } from '../watches/raise-due.handler.js';
import { WatchRepository } from '../watches/watch.repository.js';
import { DeliveryRepository } from '../webhooks/delivery.repository.js';
import { PostWebhooksHandler } from '../webhooks/post-webhooks.handler.js';
import { WebhookRules } from '../webhooks/webhook-rules.js';
import { WebhookSecrets } from '../webhooks/webhook-secrets.js';
import { parseAllowList } from '@backhaul/psa/egress';
import type { KnownEvent } from '../requests/event-decision.js';
import type { AppParts } from '../app.module.js';
import { ServiceKey } from '../service-key.js';
import { PARTNER } from './builders.js';
import { NO_LINKS, NO_LOG } from './event-log.js';

/** SERVICE_TOKEN_KEY of these tests. */
export const TOKEN_KEY = 'k'.repeat(32);

/** Before any event of these tests. */
export const RULES_MADE_AT = '2026-11-20T00:00:00.000Z';

/** Of any event, and mails somebody. */
export const HANDLER: HandlerSettings = {
  name: 'Tell the desk',
  enabled: true,
  source: { kind: 'event', eventTypes: [], severities: [] },
  conditions: [],
  actions: [{ kind: 'email', to: ['desk@msp.example'] }],
  scope: { brandIds: [], custIds: [], accountNos: [] },
};

export interface OutboxRow {
  id: string;
  topic: string;
  key: string;
  payload: Record<string, unknown> & { actions?: DecidedAction[] };
  headers: Record<string, string>;
}

/** The service's parts over a database of the suite's own. */
export class TestSystem {
  readonly unitOfWork: UnitOfWork;
  readonly rules: RuleRepository;
  readonly changeRules: ChangeRulesHandler;
  readonly clock = new FixedClock(RULES_MADE_AT);
  readonly webhookRules = new WebhookRules(new WebhookSecrets(TOKEN_KEY), parseAllowList(['127.0.0.0/8']));
  readonly webhookHandlers = new WebhookRules(
    new WebhookSecrets(TOKEN_KEY, 'handlers'),
    parseAllowList(['127.0.0.0/8']),
  );

  private constructor(
    readonly database: TestDatabase,
    readonly mailQueue: MailQueue,
    readonly webhookQueue: MailQueue,
  ) {
    this.unitOfWork = new UnitOfWork(database.dataSource);
    this.rules = new RuleRepository(database.dataSource);
    this.changeRules = new ChangeRulesHandler(this.rules, this.unitOfWork, this.webhookRules, this.clock);
  }

  static async start(): Promise<TestSystem> {
    const database = await testDatabase({ migrations: MIGRATIONS, entities: ENTITIES });
    const settings = { url: database.url, leaseS: 10, role: 'runtime', supervise: false } as const;
    const queues = [new MailQueue(settings), new MailQueue({ ...settings, queue: 'webhook' })] as const;
    for (const queue of queues) await queue.start();
    return new TestSystem(database, ...queues);
  }

  async close(): Promise<void> {
    await this.mailQueue.stop();
    await this.webhookQueue.stop();
    await this.database.close();
  }

  /** What the module is made of, but for the relay. */
  get parts(): Omit<AppParts, 'relay'> {
    const { mailQueue, clock } = this;
    const webhooks = { queue: this.webhookQueue, rules: this.webhookRules, handlers: this.webhookHandlers };
    const { dataSource } = this.database;
    const serviceKey = new ServiceKey(TOKEN_KEY);
    const connections = NO_LINKS;
    return { dataSource, mailQueue, webhooks, serviceKey, eventLog: NO_LOG, connections, clock };
  }

  /** A consumer as one process has it, with rules in a memory of its own. */
  instance(raised = new RaisedRepository()): ApplyRulesHandler {
    const postMail = new PostMailHandler(
      new MailRepository(),
      this.mailQueue,
      new RuleMails(this.clock),
      this.clock,
    );
    const watches = new WatchRepository();
    const deliveries = new DeliveryRepository(this.database.dataSource);
    const posts = { mail: postMail, webhooks: new PostWebhooksHandler(deliveries, this.webhookQueue) };
    const { run: handlers } = this.handlerParts(posts);
    return new ApplyRulesHandler(
      this.unitOfWork,
      this.ruleBook(),
      raised,
      watches,
      { ...posts, handlers },
      this.clock,
    );
  }

  /** What asks in one process for what has come due. */
  dueHandler(): RaiseDueHandler {
    const [watches, raised] = [new WatchRepository(), new RaisedRepository()];
    return new RaiseDueHandler(this.unitOfWork, this.ruleBook(), watches, raised, this.clock);
  }

  /** What settles site outages in one process. */
  outageHandler(): SettleOutagesHandler {
    const [watches, raised, outages] = [
      new WatchRepository(),
      new RaisedRepository(),
      new OutageRepository(),
    ];
    const repositories = { outages, watches, raised };
    return new SettleOutagesHandler(this.unitOfWork, this.ruleBook(), repositories, this.clock);
  }

  changeSilences(): ChangeSilencesHandler {
    const silences = new SilenceRepository(this.database.dataSource);
    return new ChangeSilencesHandler(
      silences,
      this.rules,
      new WatchRepository(),
      this.unitOfWork,
      this.clock,
    );
  }

  private handlerParts(posts: { mail: PostMailHandler; webhooks: PostWebhooksHandler }) {
    const { unitOfWork, rules, clock, webhookHandlers: webhooks } = this;
    const accounts = new KnownAccountRepository(this.database.dataSource);
    return eventHandlerParts({ unitOfWork, rules, accounts, posts, webhooks, clock });
  }

  private ruleBook(): RuleBook {
    const { dataSource } = this.database;
    const handlers = new EventHandlerRepository(dataSource, this.rules);
    return new RuleBook(this.rules, new SilenceRepository(dataSource), handlers);
  }

  async createHandler(
    over: Partial<HandlerSettings> = {},
    scope: Scope = wholePartner(PARTNER),
  ): Promise<EventHandler> {
    const handlers = new EventHandlerRepository(this.database.dataSource, this.rules);
    const change = new ChangeEventHandlersHandler(
      handlers,
      this.unitOfWork,
      this.webhookHandlers,
      this.clock,
    );
    return (await change.create(scope, { ...HANDLER, ...over })).handler;
  }

  async createRule(over: Partial<RuleSettings> = {}, partnerId: PartnerId = PARTNER): Promise<StoredRule> {
    const settings = { ...defaultsFor(over.action ?? 'open_connectwise_ticket'), ...over };
    return (await this.changeRules.create(wholePartner(partnerId), settings)).rule;
  }

  /** Within a transaction that the test holds open. */
  async createRuleWithin(tx: Tx, over: Partial<RuleSettings>): Promise<void> {
    const now = this.clock.now();
    const settings = { ...defaultsFor('open_connectwise_ticket'), ...over };
    const rule = {
      ...settings,
      id: uuidv7(now.getTime()) as RuleId,
      partnerId: PARTNER,
      ownerBrandId: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    await this.rules.add(wholePartner(PARTNER), tx, rule, 100);
  }

  async empty(): Promise<void> {
    // Not truncated: pg-boss looks after its tables all the time.
    await this.unitOfWork.query('DELETE FROM pgboss.job');
    await this.unitOfWork.query(
      'TRUNCATE rules, rules_partner_version, raised, inbox, outbox, idempotency_key, known_account, notification_options, mail, rule_mail, silences, problem_watch, site_outage, site_leaver, webhook_secret, webhook_deliveries, event_handlers, event_handler_secret, event_handler_run, event_handler_action, event_handler_mail',
    );
  }

  /** What events led to; what people did to rules is in the audit trail. */
  async outbox(): Promise<OutboxRow[]> {
    const rows = await this.unitOfWork.query<{
      id: string;
      topic: string;
      key: string;
      payload: string;
      headers: string;
    }>(
      "SELECT id, topic, key, payload, headers FROM outbox WHERE topic <> 'audit.entries.v1' ORDER BY xid, seq",
    );
    return rows.map((row) => ({
      ...row,
      payload: JSON.parse(row.payload) as OutboxRow['payload'],
      headers: JSON.parse(row.headers) as Record<string, string>,
    }));
  }

  async tickets(): Promise<TicketRequestPayload[]> {
    const rows = await this.outbox();
    return rows
      .filter(({ topic }) => topic.startsWith('ticket.requests.'))
      .map(({ payload }) => payload as unknown as TicketRequestPayload);
  }
}

/** The event as Kafka delivers it. */
export function delivered(
  event: KnownEvent,
  isLate = false,
  operationId?: string,
): Delivered<BackupEventPayload> {
  return {
    payload: { event, isLate, ...(operationId !== undefined && { operationId }) },
    key: backupEvents.key({ event, isLate }),
    envelope: {
      id: operationId ?? event.eventId,
      occurredAt: event.occurredAt,
      partnerId: event.tenant.partnerId,
      correlationId: event.eventId,
      causationId: null,
    },
    headers: {},
    partition: 0,
    offset: '0',
  };
}
