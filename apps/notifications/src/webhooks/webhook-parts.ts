import type { Clock } from '@backhaul/domain';
import type { UnitOfWork } from '@backhaul/persistence';
import { createEgressDispatcher, parseAllowList } from '@backhaul/psa/egress';
import type { Provider } from '@nestjs/common';
import { EventHandlerRepository } from '../event-handlers/event-handler.repository.js';
import { HandlerCaller } from '../event-handlers/handler-caller.js';
import { HandlerRunRepository } from '../event-handlers/handler-run.repository.js';
import { MailQueue } from '../mail/mail-queue.js';
import { RuleRepository } from '../rules/rule.repository.js';
import { DeliveryRepository } from './delivery.repository.js';
import { ResendWebhookHandler } from './resend-webhook.handler.js';
import { RuleCaller } from './rule-caller.js';
import { SendWebhookHandler } from './send-webhook.handler.js';
import { WebhookRules } from './webhook-rules.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhookSender } from './webhook-sender.js';

export interface WebhookSettings {
  databaseUrl: string;
  /** EGRESS_ALLOW */
  egressAllow: string;
  timeoutS: number;
  serviceTokenKey: string;
}

/** Job and attempt outlive what a receiver may take by this much. */
const MARGIN_S = 10;
const leaseOf = ({ timeoutS }: WebhookSettings): number => timeoutS + MARGIN_S;
const entriesOf = ({ egressAllow }: WebhookSettings): string[] =>
  egressAllow.split(',').filter((entry) => entry.trim() !== '');

/** The queue of calls, what rules and event handlers need of webhooks, and the workers that call. */
export class WebhookParts {
  readonly queue: MailQueue;
  readonly rules: WebhookRules;
  readonly handlers: WebhookRules;
  private readonly secrets: { rules: WebhookSecrets; handlers: WebhookSecrets };
  private dispatcher: ReturnType<typeof createEgressDispatcher> | undefined;

  /** @throws Error naming what is wrong with EGRESS_ALLOW */
  constructor(private readonly settings: WebhookSettings) {
    const { databaseUrl: url, serviceTokenKey } = settings;
    // The queue of mails looks after the jobs of both.
    const kind = { queue: 'webhook', supervise: false } as const;
    this.queue = new MailQueue({ url, leaseS: leaseOf(settings), role: 'runtime', ...kind });
    const allow = parseAllowList(entriesOf(settings));
    const rules = new WebhookSecrets(serviceTokenKey);
    const handlers = new WebhookSecrets(serviceTokenKey, 'handlers');
    this.secrets = { rules, handlers };
    this.rules = new WebhookRules(rules, allow);
    this.handlers = new WebhookRules(handlers, allow);
  }

  /** Makes the calls that wait, from now on. The queue has been started. */
  async work(unitOfWork: UnitOfWork, clock: Clock): Promise<void> {
    const { dataSource } = unitOfWork;
    const timeoutMs = this.settings.timeoutS * 1000;
    this.dispatcher = createEgressDispatcher({ allow: entriesOf(this.settings), answerTimeoutMs: timeoutMs });
    const rules = new RuleRepository(dataSource);
    const handlers = new EventHandlerRepository(dataSource, rules);
    const handler = new SendWebhookHandler(
      unitOfWork,
      new DeliveryRepository(dataSource),
      {
        rules: new RuleCaller(rules, this.secrets.rules, clock),
        handlers: new HandlerCaller(handlers, this.secrets.handlers, new HandlerRunRepository()),
      },
      new WebhookSender(this.dispatcher, timeoutMs),
      { leaseS: leaseOf(this.settings), clock },
    );
    await this.queue.work((deliveryId) => handler.handle(deliveryId));
  }

  async stop(): Promise<void> {
    await this.queue.stop();
    await this.dispatcher?.close();
  }
}

/** What the log of deliveries needs. */
export function deliveryProviders(unitOfWork: UnitOfWork, queue: Pick<MailQueue, 'again'>): Provider[] {
  const deliveries = new DeliveryRepository(unitOfWork.dataSource);
  return [
    { provide: DeliveryRepository, useValue: deliveries },
    { provide: ResendWebhookHandler, useValue: new ResendWebhookHandler(deliveries, queue, unitOfWork) },
  ];
}
