import { type BrandId, EVENT_TYPE_INFO, uuidFrom } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { MailDraft, MailEnd } from '../mail/mail.repository.js';
import { plainText } from '../mail/plain-text.js';
import { outcomeOfMails } from '../mail/rule-mail-outcome.js';
import type { KnownEvent } from '../requests/event-decision.js';
import type { EventHandler } from './event-handler.js';
import type { RequestedAccount } from './handler-facts.js';
import type { HandlerRunRepository } from './handler-run.repository.js';
import type { Run } from './handler-run.js';

/** Old news is worse than none. */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000;
const LONGEST_MESSAGE = 4000;

type MailContent = MailDraft['content'];

/** What a handler tells whom it writes to or calls. */
export interface Told {
  content: MailContent;
  /** The body of its calls. */
  body: string;
  /** Whose name mails bear. */
  brandId: BrandId | null;
  at: Date;
}

/**
 * One mail for each address. They belong to no account: its own people read which of its addresses refuse mail, and these
 * are the partner's.
 */
export function handlerMailsOf(
  { partnerId }: Pick<Run, 'partnerId'>,
  actionId: string,
  to: readonly string[],
  { content, at, brandId }: Pick<Told, 'content' | 'at' | 'brandId'>,
): MailDraft[] {
  return to.map((address) => ({
    mailId: uuidFrom(actionId, 'mail', address.toLowerCase()),
    partnerId,
    accountNo: null,
    brandId,
    address,
    template: 'event-handler',
    content,
    expiresAt: new Date(at.getTime() + KEPT_MS),
  }));
}

export function eventContent(event: KnownEvent, { name }: EventHandler): MailContent {
  const { job, identity, outcome, tenant, type } = event;
  const what = `${EVENT_TYPE_INFO[type].group ?? 'Backhaul'} (${type.replaceAll(/[._]/g, ' ')})`;
  const [jobName, host] = [job.jobName ?? job.nativeJobId, identity.hostName];
  const about = [host, jobName].filter((part) => part !== null).join(', ');
  const message = outcome.message ?? event.issues.at(0)?.message ?? '';
  return {
    handler: name,
    title: `${outcome.severity}: ${what} - ${about || tenant.accountNo}`,
    what,
    accountNo: tenant.accountNo,
    job: jobName,
    host,
    occurredAt: event.occurredAt,
    message: plainText(message, LONGEST_MESSAGE),
  };
}

export function requestContent(
  { name }: EventHandler,
  { api, account, at }: { api: string; account: RequestedAccount | null; at: Date },
): MailContent {
  const what = `Web request ${api}`;
  return {
    handler: name,
    title: account === null ? what : `${what} - ${account.hostName ?? account.username}`,
    what,
    accountNo: account?.accountNo ?? null,
    job: null,
    host: account?.hostName ?? null,
    occurredAt: at.toISOString(),
    message: '',
  };
}

/** Which actions wait for which mails, and what their runs are told at the end. */
export class HandlerMails {
  constructor(private readonly runs: Pick<HandlerRunRepository, 'end'>) {}

  async wait(
    tx: Tx,
    waiting: readonly { actionId: string; mailId: string; partnerId: string }[],
  ): Promise<void> {
    if (waiting.length === 0) return;
    await tx.query(
      `INSERT INTO event_handler_mail (action_id, mail_id, partner_id)
       SELECT "actionId", "mailId", "partnerId"
       FROM jsonb_to_recordset($1::jsonb) AS waiting ("actionId" uuid, "mailId" uuid, "partnerId" uuid)`,
      [JSON.stringify(waiting)],
    );
  }

  /** In the transaction in which the mail ends. Two of one action may end at once: the second waits, and sees the first. */
  async ended(tx: Tx, mailId: string): Promise<void> {
    const [action] = await tx.query<{ actionId: string }>(
      `SELECT a.action_id AS "actionId" FROM event_handler_mail m JOIN event_handler_action a USING (action_id)
       WHERE m.mail_id = $1 FOR UPDATE OF a`,
      [mailId],
    );
    if (!action) return;
    const [all] = await tx.query<{ states: MailEnd[] | null }>(
      `SELECT array_agg(mail.state ORDER BY mail.mail_id) AS states FROM event_handler_mail m JOIN mail USING (mail_id)
       WHERE m.action_id = $1 HAVING bool_and(mail.state <> 'pending')`,
      [action.actionId],
    );
    if (all?.states) await this.runs.end(tx, action.actionId, outcomeOfMails(all.states, 'handler'));
  }
}
