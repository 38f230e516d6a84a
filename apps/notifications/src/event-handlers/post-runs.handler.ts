import type { Tx } from '@backhaul/persistence';
import type { PostMailHandler } from '../mail/post-mail.handler.js';
import type { DeliveryDraft } from '../webhooks/delivery.entity.js';
import type { PostWebhooksHandler } from '../webhooks/post-webhooks.handler.js';
import type { EventHandler } from './event-handler.js';
import { type HandlerMails, handlerMailsOf, type Told } from './handler-mails.js';
import { actionIdOf, type Run, type RunAction } from './handler-run.js';
import type { HandlerRunRepository } from './handler-run.repository.js';

/** A handler that is set going, and what it tells. */
export interface Going {
  handler: EventHandler;
  run: Run;
  told: Told;
}

/** Writes runs down and puts their mails and calls in line, in the transaction of their cause: without it they never were. */
export class PostRunsHandler {
  constructor(
    private readonly runs: HandlerRunRepository,
    private readonly handlerMails: HandlerMails,
    private readonly mail: Pick<PostMailHandler, 'post'>,
    private readonly webhooks: PostWebhooksHandler,
  ) {}

  /** Answers how many were not there before. */
  async post(tx: Tx, going: readonly Going[]): Promise<number> {
    if (going.length === 0) return 0;
    const added = await this.runs.add(tx, going.map(({ run }) => run)); // prettier-ignore
    const fresh = going.filter(({ run }) => added.has(run.runId));
    const mails = fresh.flatMap(mailsOf);
    await this.mail.post(tx, mails.map(({ draft }) => draft)); // prettier-ignore
    const waiting = mails.map(({ actionId, draft: { mailId, partnerId } }) => ({
      actionId,
      mailId,
      partnerId,
    }));
    await this.handlerMails.wait(tx, waiting);
    await this.webhooks.post(tx, fresh.flatMap(deliveriesOf));
    return added.size;
  }
}

const isPending = (run: Run, place: number): RunAction | undefined => {
  const action = run.actions[place];
  return action?.state === 'pending' ? action : undefined;
};

const mailsOf = ({ handler, run, told }: Going) =>
  handler.actions.flatMap((action, place) => {
    if (action.kind !== 'email' || !isPending(run, place)) return [];
    const actionId = actionIdOf(run.runId, place);
    return handlerMailsOf(run, actionId, action.to, told).map((draft) => ({ actionId, draft }));
  });

const deliveriesOf = ({ handler, run, told }: Going): DeliveryDraft[] =>
  handler.actions.flatMap((action, place) => {
    if (action.kind !== 'webhook' || !isPending(run, place)) return [];
    const { partnerId, ownerBrandId, accountNo, cause } = run;
    return {
      deliveryId: actionIdOf(run.runId, place),
      partnerId,
      ownerBrandId,
      ruleId: null,
      handlerId: handler.id,
      ruleName: handler.name,
      causeId: cause.kind === 'event' ? cause.eventId : cause.requestId,
      isRequest: cause.kind === 'request',
      accountNo,
      operationId: cause.kind === 'event' ? cause.operationId : null,
      url: action.url,
      body: told.body,
    };
  });
