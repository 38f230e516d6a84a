import type { Clock } from '@backhaul/domain';
import type { UnitOfWork } from '@backhaul/persistence';
import type { Provider } from '@nestjs/common';
import type { KnownAccountRepository } from '../accounts/known-account.repository.js';
import type { PostMailHandler } from '../mail/post-mail.handler.js';
import type { RuleRepository } from '../rules/rule.repository.js';
import type { PostWebhooksHandler } from '../webhooks/post-webhooks.handler.js';
import type { WebhookRules } from '../webhooks/webhook-rules.js';
import { ChangeEventHandlersHandler } from './change-event-handlers.handler.js';
import { EventHandlerRepository } from './event-handler.repository.js';
import { HandlerMails } from './handler-mails.js';
import { HandlerRunRepository } from './handler-run.repository.js';
import { PostRunsHandler } from './post-runs.handler.js';
import { RunHandlersHandler } from './run-handlers.handler.js';
import { TakeWebRequestHandler } from './take-web-request.handler.js';

export interface HandlerNeeds {
  unitOfWork: UnitOfWork;
  rules: RuleRepository;
  accounts: KnownAccountRepository;
  posts: { mail: PostMailHandler; webhooks: PostWebhooksHandler };
  webhooks: WebhookRules;
  clock: Clock;
}

export interface HandlerParts {
  repository: EventHandlerRepository;
  /** For who applies the rules to events. */
  run: RunHandlersHandler;
  /** What their surfaces need. */
  providers: Provider[];
}

export function eventHandlerParts(needs: HandlerNeeds): HandlerParts {
  const { unitOfWork, rules, accounts, posts, webhooks, clock } = needs;
  const repository = new EventHandlerRepository(unitOfWork.dataSource, rules);
  const runs = new HandlerRunRepository();
  const postRuns = new PostRunsHandler(runs, new HandlerMails(runs), posts.mail, posts.webhooks);
  const change = new ChangeEventHandlersHandler(repository, unitOfWork, webhooks, clock);
  const take = new TakeWebRequestHandler(repository, accounts, postRuns, unitOfWork, clock);
  return {
    repository,
    run: new RunHandlersHandler(postRuns, clock),
    providers: [
      { provide: EventHandlerRepository, useValue: repository },
      { provide: HandlerRunRepository, useValue: runs },
      { provide: ChangeEventHandlersHandler, useValue: change },
      { provide: TakeWebRequestHandler, useValue: take },
    ],
  };
}
