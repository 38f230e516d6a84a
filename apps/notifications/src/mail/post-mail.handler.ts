import type { AccountNo } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { KnownEvent } from '../requests/event-decision.js';
import { contactable, isMailable, mailsOf } from './event-mails.js';
import type { MailDraft, MailRepository } from './mail.repository.js';
import type { MailQueue } from './mail-queue.js';

/** Puts mails in line, in the transaction of their cause: with it they exist, without it they never did. */
export class PostMailHandler {
  constructor(
    private readonly mails: MailRepository,
    private readonly queue: Pick<MailQueue, 'add'>,
  ) {}

  /** What the accounts' own options ask for (A12, A13). */
  async postEvents(tx: Tx, arrived: readonly { event: KnownEvent; isLate: boolean }[]): Promise<void> {
    const events = arrived.filter(({ event, isLate }) => isMailable(event, isLate)).map(({ event }) => event);
    if (events.length === 0) return;
    const accountNos = new Set<AccountNo>(events.map(({ tenant }) => tenant.accountNo));
    const accounts = new Map(
      (await contactable(tx, [...accountNos])).map((account) => [account.accountNo, account]),
    );
    const drafts = events.flatMap((event) => {
      const account = accounts.get(event.tenant.accountNo);
      return account ? mailsOf(event, account) : [];
    });
    await this.post(tx, drafts);
  }

  async post(tx: Tx, drafts: readonly MailDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    await this.queue.add(tx, await this.mails.add(tx, drafts));
  }
}
