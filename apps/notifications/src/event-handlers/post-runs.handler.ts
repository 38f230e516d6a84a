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
  /** Put into words only where there is somebody to tell. */
  tell: () => Told;
}

/** Runs written down at once: many handlers of many events must not stand in memory with all their mails. */
const AT_ONCE = 100;

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
    let count = 0;
    for (let from = 0; from < going.length; from += AT_ONCE)
      count += await this.postSome(tx, going.slice(from, from + AT_ONCE));
    return count;
  }

  private async postSome(tx: Tx, going: readonly Going[]): Promise<number> {
    const added = await this.runs.add(tx, going.map(({ run }) => run)); // prettier-ignore
    const fresh = going
      .filter(({ run }) => added.has(run.runId) && run.actions.some(isPending))
      .map(({ handler, run, tell }) => ({ handler, run, told: tell() }));
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

interface Telling extends Omit<Going, 'tell'> {
  told: Told;
}

const isPending = (action: RunAction | undefined): boolean => action?.state === 'pending';

const mailsOf = ({ handler, run, told }: Telling) =>
  handler.actions.flatMap((action, place) => {
    if (action.kind !== 'email' || !isPending(run.actions[place])) return [];
    const actionId = actionIdOf(run.runId, place);
    return handlerMailsOf(run, actionId, action.to, told).map((draft) => ({ actionId, draft }));
  });

const deliveriesOf = ({ handler, run, told }: Telling): DeliveryDraft[] =>
  handler.actions.flatMap((action, place) => {
    if (action.kind !== 'webhook' || !isPending(run.actions[place])) return [];
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
