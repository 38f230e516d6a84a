import { type Clock, uuidv7 } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { crashPoint } from '@backhaul/messaging';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import type { KnownAccountRepository } from '../accounts/known-account.repository.js';
import { actsAt, type EventHandler, type Place } from './event-handler.js';
import type { EventHandlerRepository } from './event-handler.repository.js';
import { type RequestedAccount, requestFacts } from './handler-facts.js';
import { requestContent } from './handler-mails.js';
import { type Halt, runOf } from './handler-run.js';
import { judged } from './judgement.js';
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
      const going = enabled.flatMap((handler) => {
        const { isMet, halt } = judged(handler, facts, this.logger);
        return isMet && actsAt(handler, place) ? goingOf(handler, asked, halt) : [];
      });
      const runs = await this.posts.post(tx, going);
      await record(tx, scope, asked, runs);
      crashPoint('event-handlers.request.before-commit');
      return runs;
    });
  }

  private async placeOf(tx: Tx, { partnerId }: Scope, account: RequestedAccount): Promise<Place> {
    const { accountNo, custId: customerId, brandId } = account;
    return { accountNo, customerId, above: await this.handlers.pathOf(tx, partnerId, brandId) };
  }
}

function goingOf(handler: EventHandler, asked: Asked, halt: Halt | null): Going {
  const { requestId, account } = asked;
  const cause = { kind: 'request', requestId } as const;
  return {
    handler,
    run: runOf(handler, cause, account?.accountNo ?? null, halt),
    tell: () => ({
      content: requestContent(handler, asked),
      body: requestBody(handler, asked),
      brandId: account?.brandId ?? handler.ownerBrandId,
      at: asked.at,
    }),
  };
}

/** Of a call: the same at every attempt. */
const requestBody = ({ id, name }: EventHandler, { requestId, api, account, at }: Asked): string =>
  JSON.stringify({
    type: 'web_request',
    timestamp: at.toISOString(),
    data: {
      requestId,
      api,
      handlerId: id,
      handlerName: name,
      custId: account?.custId ?? null,
      accountNo: account?.accountNo ?? null,
      hostName: account?.hostName ?? null,
    },
  });

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
