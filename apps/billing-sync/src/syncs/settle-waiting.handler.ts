import type { Provider } from '@backhaul/messaging';
import { publishAll, type Tx } from '@backhaul/persistence';
import type { ConnectionRepository } from '../connections/connection.repository.js';
import { refusalOf } from './refusal.js';
import { type AskedSync, syncMessage } from './sync-message.js';

/** What waits when a partner switches statistics off, or disconnects, is answered: nothing waits for ever. */
export class SettleWaitingHandler {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly provider: Provider,
  ) {}

  async within(tx: Tx, partnerId: string): Promise<void> {
    const connection = (await this.connections.ofPartners(tx, [partnerId])).get(partnerId);
    const refusal = refusalOf(connection, this.provider);
    if (!refusal) return;
    const { reason, message } = refusal;
    await tx.query(
      'UPDATE sync_customer SET due_at = NULL, ordered_sync_id = NULL, attempts = 0 WHERE partner_id = $1 AND (due_at IS NOT NULL OR ordered_sync_id IS NOT NULL)',
      [partnerId],
    );
    await tx.query(
      `UPDATE sync SET state = 'failed', reason = $2, message = $3, ended_at = clock_timestamp() WHERE partner_id = $1 AND state = 'pending'`,
      [partnerId, reason, message],
    );
    const waiting = await tx.query<AskedSync & { now: Date }>(
      `DELETE FROM sync_request WHERE partner_id = $1 RETURNING request_id AS "requestId", event_id AS "eventId", rule_id AS "ruleId",
         partner_id AS "partnerId", account_no::int AS "accountNo", clock_timestamp() AS now`,
      [partnerId],
    );
    const outcome = { state: 'skipped', reason, message } as const;
    await publishAll(tx, waiting.map(({ now, ...request }) => syncMessage(request, outcome, this.provider, now))); // prettier-ignore
  }
}
