import { type AccountNo, type Clock, type PartnerId, uuidFrom } from '@backhaul/domain';
import { mailOutcomes } from '@backhaul/messaging';
import { outboxMessage, publishAll, type Tx } from '@backhaul/persistence';
import type { MailEnd } from './mail.repository.js';
import { outcomeOfMails } from './rule-mail-outcome.js';

/** One rule's question for mails about one event. */
export interface RuleMailRequest {
  requestId: string;
  ruleId: string;
  eventId: string;
  partnerId: PartnerId;
  accountNo: AccountNo;
}

interface Ended extends RuleMailRequest {
  states: MailEnd[];
}

/** Which requests wait for which mails, and what is told of them at the end. An address gets one mail, whoever asked. */
export class RuleMails {
  constructor(private readonly clock: Clock) {}

  /** Also of mails that have ended already: an event may come again after its rules changed. */
  async wait(tx: Tx, requests: readonly (RuleMailRequest & { mailIds: readonly string[] })[]): Promise<void> {
    const rows = requests.flatMap(({ mailIds, ...request }) =>
      mailIds.map((mailId) => ({ ...request, mailId })),
    );
    if (rows.length === 0) return;
    await tx.query(
      `INSERT INTO rule_mail (request_id, mail_id, partner_id, account_no, event_id, rule_id)
       SELECT "requestId", "mailId", "partnerId", "accountNo", "eventId", "ruleId"
       FROM jsonb_to_recordset($1::jsonb) AS asked ("requestId" uuid, "mailId" uuid, "partnerId" uuid, "accountNo" bigint,
         "eventId" uuid, "ruleId" uuid)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(rows)],
    );
    await this.tell(tx, [...new Set(rows.map(({ requestId }) => requestId))]);
  }

  /** In the transaction in which the mail ends. */
  async ended(tx: Tx, mailId: string): Promise<void> {
    const rows = await tx.query<{ requestId: string }>(
      'SELECT request_id AS "requestId" FROM rule_mail WHERE mail_id = $1',
      [mailId],
    );
    if (rows.length > 0) await this.tell(tx, rows.map(({ requestId }) => requestId)); // prettier-ignore
  }

  /** Two mails of one request may end at once: the second waits here, and then sees the first. */
  private async tell(tx: Tx, requestIds: readonly string[]): Promise<void> {
    await tx.query(
      'SELECT 1 FROM rule_mail WHERE request_id = ANY($1::uuid[]) ORDER BY request_id, mail_id FOR UPDATE',
      [requestIds],
    );
    const ended = await tx.query<Ended>(
      `SELECT r.request_id AS "requestId", r.rule_id AS "ruleId", r.event_id AS "eventId", r.partner_id AS "partnerId",
         r.account_no::float8 AS "accountNo", array_agg(m.state) AS states
       FROM rule_mail r JOIN mail m USING (mail_id) WHERE r.request_id = ANY($1::uuid[])
       GROUP BY 1, 2, 3, 4, 5 HAVING bool_and(m.state <> 'pending') ORDER BY 1`,
      [requestIds],
    );
    const at = this.clock.now().toISOString();
    const messages = ended.map(({ states, ...request }) => {
      const { requestId, partnerId, eventId } = request;
      const id = uuidFrom(requestId, 'mail-outcome');
      const envelope = { id, occurredAt: at, partnerId, correlationId: eventId, causationId: eventId };
      return outboxMessage(mailOutcomes, { ...request, ...outcomeOfMails(states), at }, envelope);
    });
    await publishAll(tx, messages);
  }
}
