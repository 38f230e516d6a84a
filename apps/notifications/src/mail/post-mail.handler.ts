import type { AccountNo, Clock } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { KnownEvent, RuleRequest } from '../requests/event-decision.js';
import { type Contactable, contactable, isMailable, isWanted, mailsOf } from './event-mails.js';
import type { MailDraft, MailRepository } from './mail.repository.js';
import type { MailQueue } from './mail-queue.js';
import type { RuleMailRequest, RuleMails } from './rule-mails.js';

/** An event to which the rules were applied. */
export interface Mailable {
  event: KnownEvent;
  isLate: boolean;
  operationId: string | undefined;
  /** What rules ask for. */
  requests: readonly RuleRequest[];
}

type Waiting = RuleMailRequest & { mailIds: string[] };

/** Puts mails in line, in the transaction of their cause: with it they exist, without it they never did. */
export class PostMailHandler {
  constructor(
    private readonly mails: MailRepository,
    private readonly queue: Pick<MailQueue, 'add'>,
    private readonly ruleMails: RuleMails,
    private readonly clock: Clock,
  ) {}

  /** What the accounts' own options ask for (A12, A13), and rules (F2). Answers the requests for which there is no address. */
  async postEvents(tx: Tx, arrived: readonly Mailable[]): Promise<ReadonlySet<string>> {
    const asked = arrived.filter(({ event, isLate }) => isMailable(event, isLate));
    if (asked.length === 0) return new Set();
    const accounts = await this.accountsOf(tx, asked);
    const [drafts, waiting]: [MailDraft[], Waiting[]] = [[], []];
    for (const one of asked) {
      const account = accounts.get(one.event.tenant.accountNo);
      if (account?.partnerId !== one.event.tenant.partnerId) continue;
      if (isWanted(one.event, account)) drafts.push(...mailsOf(one.event, account));
      if (one.requests.length === 0) continue;
      const { operationId } = one;
      const again = operationId === undefined ? null : { operationId, at: this.clock.now() };
      const ofRules = mailsOf(one.event, account, again);
      drafts.push(...ofRules);
      waiting.push(...waitingFor(one, ofRules));
    }
    await this.post(tx, drafts);
    await this.ruleMails.wait(tx, waiting);
    const reached = new Set(
      waiting.filter(({ mailIds }) => mailIds.length > 0).map(({ requestId }) => requestId),
    );
    const all = asked.flatMap(({ requests }) => requests.map(({ requestId }) => requestId));
    return new Set(all.filter((requestId) => !reached.has(requestId)));
  }

  async post(tx: Tx, drafts: readonly MailDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    const once = [...new Map(drafts.map((draft) => [draft.mailId, draft])).values()];
    await this.queue.add(tx, await this.mails.add(tx, once));
  }

  private async accountsOf(tx: Tx, asked: readonly Mailable[]): Promise<Map<AccountNo, Contactable>> {
    const accountNos = new Set<AccountNo>(asked.map(({ event }) => event.tenant.accountNo));
    return new Map((await contactable(tx, [...accountNos])).map((account) => [account.accountNo, account]));
  }
}

function waitingFor({ event, requests }: Mailable, drafts: readonly MailDraft[]): Waiting[] {
  const { partnerId, accountNo } = event.tenant;
  const mailIds = drafts.map(({ mailId }) => mailId);
  return requests.map(({ requestId, ruleId }) => ({
    requestId,
    ruleId,
    eventId: event.eventId,
    partnerId,
    accountNo,
    mailIds,
  }));
}
