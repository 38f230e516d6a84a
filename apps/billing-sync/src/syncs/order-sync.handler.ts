import { type PartnerId, systemClock, uuidv7 } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';
import { outboxAuditTrail, type Scope, type UnitOfWork, withinScope } from '@backhaul/persistence';
import type { ConnectionRepository } from '../connections/connection.repository.js';
import { COLUMNS, TABLES } from '../read-models/scope-tables.js';
import { refusalOf } from './refusal.js';
import { keyOf, type SyncRepository } from './sync.repository.js';

/** A person's word to push a customer's figures now, whatever the twelve hours say (F28). */
export class OrderSyncHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly syncs: SyncRepository,
    private readonly connections: ConnectionRepository,
    private readonly provider: Provider,
    private readonly onWork: () => void,
  ) {}

  /** @returns the id of the push @throws Problem 404, 409, 503 with Retry-After while the PSA is left alone */
  async handle(scope: Scope, custId: number): Promise<string> {
    const syncId = uuidv7(systemClock.now().getTime());
    await this.unitOfWork.run(async (tx) => {
      const params: unknown[] = [custId];
      const where = withinScope(scope, TABLES, COLUMNS, params);
      const known = await tx.query<{ partnerId: PartnerId; companyId: string | null }>(
        `SELECT partner_id AS "partnerId", (SELECT m.psa_company_id FROM customer_map m
           WHERE m.partner_id = known_customer.partner_id AND m.cust_id = known_customer.cust_id) AS "companyId"
         FROM known_customer WHERE cust_id = $1 AND ${where}`,
        params,
      );
      const partnerId = known[0]?.partnerId;
      const connection = partnerId && (await this.connections.ofPartners(tx, [partnerId])).get(partnerId);
      // Without a link to this PSA it is another's business.
      if (!partnerId || !connection) throw Problem.notFound();
      const refusal = refusalOf(connection, this.provider);
      if (refusal) throw Problem.conflict(refusal.message);
      if (known[0]?.companyId == null) throw Problem.conflict('The customer is not mapped to a company of the PSA.'); // prettier-ignore
      if (connection.needsChange) throw Problem.conflict('The connection needs a change: enter the keys of an API member first.'); // prettier-ignore
      if (connection.heldMs > 0)
        throw Problem.unavailable(connection.heldMs / 1000, 'The PSA cannot be asked for now.');
      const place = { partnerId, custId };
      const { customers } = await this.syncs.lock(tx, [place]);
      if (customers.get(keyOf(place))?.orderedSyncId) throw Problem.conflict('A push of this customer is under way.'); // prettier-ignore
      await tx.query(
        "INSERT INTO sync (sync_id, partner_id, cust_id, trigger, state) VALUES ($1, $2, $3, 'manual', 'pending')",
        [syncId, partnerId, custId],
      );
      await tx.query(
        'UPDATE sync_customer SET ordered_sync_id = $3, due_at = clock_timestamp() WHERE partner_id = $1 AND cust_id = $2',
        [partnerId, custId, syncId],
      );
      await outboxAuditTrail.record(tx, partnerId, {
        action: 'sync.order',
        target: { kind: 'customer', id: String(custId) },
        detail: { sync: syncId, provider: this.provider },
      });
    });
    this.onWork();
    return syncId;
  }
}
