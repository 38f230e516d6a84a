import { type Clock, meets, uuidv7 } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { crashPoint } from '@backhaul/messaging';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import type { KnownAccountRepository } from '../accounts/known-account.repository.js';
import { actsAt, type EventHandler, type Place } from './event-handler.js';
import type { EventHandlerRepository } from './event-handler.repository.js';
import { type RequestedAccount, requestFacts } from './handler-facts.js';
import { requestContent } from './handler-mails.js';
import { runOf } from './handler-run.js';
import type { Going, PostRunsHandler } from './post-runs.handler.js';

export interface WebRequest {
  /** The name in the handlers' source. */
  api: string;
  /** The account that it is about, where it is about one. */
  accountNo: number | null;
}

interface Asked {
  requestId: string;
  api: string;
  account: RequestedAccount | null;
  at: Date;
}

/** A web request sets the handlers of that name going, each once (C18-C22). */
export class TakeWebRequestHandler {
  private readonly logger = new Logger('EventHandlers');

  constructor(
    private readonly handlers: EventHandlerRepository,
    private readonly accounts: KnownAccountRepository,
    private readonly posts: PostRunsHandler,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Answers how many it set going. @throws Problem 404 for a name or an account that is not there to be seen, 409 where all are off */
  handle(scope: Scope, { api, accountNo }: WebRequest): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const named = await this.handlers.findByApi(scope, tx, api);
      if (named.length === 0) throw Problem.notFound();
      const account = accountNo === null ? null : await this.accounts.get(scope, accountNo, tx);
      const enabled = named.filter((handler) => handler.enabled);
      if (enabled.length === 0) throw Problem.conflict('Every event handler of that name is switched off.');
      const place = account && (await this.placeOf(tx, scope, account));
      const at = this.clock.now();
      const asked = { requestId: uuidv7(at.getTime()), api, account, at };
      const facts = requestFacts(account);
      const met = enabled.filter((handler) => actsAt(handler, place) && this.isMet(handler, facts));
      const runs = await this.posts.post(tx, met.map((handler) => goingOf(handler, asked))); // prettier-ignore
      await record(tx, scope, asked, runs);
      crashPoint('event-handlers.request.before-commit');
      return runs;
    });
  }

  private async placeOf(tx: Tx, { partnerId }: Scope, account: RequestedAccount): Promise<Place> {
    const { accountNo, custId: customerId, brandId } = account;
    return { accountNo, customerId, above: await this.handlers.pathOf(tx, partnerId, brandId) };
  }

  /** One handler that is broken stops no other. */
  private isMet({ id, conditions }: EventHandler, facts: ReturnType<typeof requestFacts>): boolean {
    try {
      return meets(conditions, facts);
    } catch (error) {
      this.logger.error(`handler ${id} cannot be judged: ${String(error)}`);
      return false;
    }
  }
}

function goingOf(handler: EventHandler, { requestId, api, account, at }: Asked): Going {
  return {
    handler,
    run: runOf(handler, { kind: 'request', requestId }, account?.accountNo ?? null),
    told: {
      content: requestContent(handler, { api, account, at }),
      body: JSON.stringify({
        type: 'web_request',
        timestamp: at.toISOString(),
        data: {
          requestId,
          api,
          handlerId: handler.id,
          handlerName: handler.name,
          custId: account?.custId ?? null,
          accountNo: account?.accountNo ?? null,
          hostName: account?.hostName ?? null,
        },
      }),
      brandId: account?.brandId ?? handler.ownerBrandId,
      at,
    },
  };
}

function record(
  tx: Tx,
  { partnerId }: Scope,
  { requestId, api, account }: Asked,
  runs: number,
): Promise<void> {
  return outboxAuditTrail.record(tx, partnerId, {
    action: 'event-handler.web-request',
    target: { kind: 'web-request', id: requestId },
    detail: { api, accountNo: account?.accountNo ?? null, runs },
  });
}
