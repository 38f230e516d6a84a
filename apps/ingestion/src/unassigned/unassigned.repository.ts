import type { AccountNo, CanonicalEvent, CustomerId, EventTenant } from '@backhaul/domain';
import {
  bucketOf,
  outboxAuditTrail,
  type Scope,
  type Tx,
  UnitOfWork,
  withinScope,
} from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import { TABLES } from '../accounts/scope-tables.js';
import { cleanJson } from '../intake/clean-text.js';
import { jobHashOf } from '../intake/event-draft.js';

export type Assigned = 'assigned' | 'not_found' | 'no_account' | 'already_assigned';

interface AccountRow {
  cust_id: number;
  brand_id: string | null;
}

interface EventRow {
  body: string;
  account_no: string | null;
}

const OF_EVENT = { partner: 'e.partner_id', customer: 'e.cust_id', account: 'e.account_no' };
const OF_ACCOUNT = { partner: 'a.partner_id', customer: 'a.cust_id', account: 'a.account_no' };

/** Results whose account nobody knows yet: events without account, which no relay publishes. */
@Injectable()
export class UnassignedRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Newest first, those older than `before`. */
  async list(scope: Scope, before: string | null, limit: number): Promise<CanonicalEvent[]> {
    const params: unknown[] = [before, limit];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    const rows = await this.unitOfWork.query<EventRow>(
      `SELECT body FROM event e
       WHERE ${where} AND account_no IS NULL AND NOT is_discarded AND ($1::uuid IS NULL OR event_id < $1)
       ORDER BY event_id DESC LIMIT $2`,
      params,
    );
    return rows.map(({ body }) => JSON.parse(body) as CanonicalEvent);
  }

  async count(scope: Scope): Promise<number> {
    const params: unknown[] = [];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    const [row] = await this.unitOfWork.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (
         SELECT 1 FROM event e WHERE ${where} AND account_no IS NULL AND NOT is_discarded LIMIT 10001) counted`,
      params,
    );
    return row?.count ?? 0;
  }

  /**
   * Gives the result its account: from this moment it stands in the log as if it had come now, and the relay takes it.
   * With `remember`, later results of the same host and device find the account by themselves.
   */
  assign(scope: Scope, eventId: string, accountNo: AccountNo, remember: boolean): Promise<Assigned> {
    return this.unitOfWork.run(async (tx) => {
      const params: unknown[] = [accountNo];
      const [account] = await tx.query<AccountRow>(
        `SELECT cust_id, brand_id FROM account a WHERE ${withinScope(scope, TABLES, OF_ACCOUNT, params)} AND account_no = $1`,
        params,
      );
      if (!account) return 'no_account';
      const eventParams: unknown[] = [eventId];
      const [row] = await tx.query<EventRow>(
        `SELECT body, account_no FROM event e
         WHERE ${withinScope(scope, TABLES, OF_EVENT, eventParams)} AND event_id = $1 AND NOT is_discarded FOR UPDATE`,
        eventParams,
      );
      if (!row) return 'not_found';
      if (row.account_no !== null) return 'already_assigned';
      await replay(tx, JSON.parse(row.body) as CanonicalEvent, tenantOf(scope, accountNo, account));
      await record(tx, scope, 'unassigned-result.assign', eventId, { accountNo, remember });
      if (remember) await rememberMatch(tx, scope, accountNo, JSON.parse(row.body) as CanonicalEvent);
      return 'assigned';
    });
  }

  async discard(scope: Scope, eventId: string): Promise<boolean> {
    const params: unknown[] = [eventId];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    return this.unitOfWork.run(async (tx) => {
      const rows = await tx.query(
        `UPDATE event e SET is_discarded = true
         WHERE ${where} AND event_id = $1 AND account_no IS NULL AND NOT is_discarded RETURNING event_id`,
        params,
      );
      if (rows.length > 0) await record(tx, scope, 'unassigned-result.discard', eventId);
      return rows.length > 0;
    });
  }
}

function tenantOf({ partnerId }: Scope, accountNo: AccountNo, account: AccountRow): EventTenant {
  return {
    partnerId,
    brandId: account.brand_id as EventTenant['brandId'],
    customerId: account.cust_id as CustomerId,
    accountNo,
    resolution: 'matched',
  };
}

/** The new transaction id puts the row behind everything published so far, hence into the relay's way. */
async function replay(tx: Tx, before: CanonicalEvent, tenant: EventTenant): Promise<void> {
  const event = { ...before, tenant };
  await tx.query(
    `UPDATE event SET account_no = $2, cust_id = $3, bucket = $4, job_hash = $5, body = $6, brand_id = $8,
       xid = pg_current_xact_id()
     WHERE event_id = $1 AND partner_id = $7`,
    [
      event.eventId,
      tenant.accountNo,
      tenant.customerId,
      bucketOf(String(tenant.accountNo)),
      jobHashOf(event),
      cleanJson(event),
      tenant.partnerId,
      tenant.brandId,
    ],
  );
}

async function rememberMatch(
  tx: Tx,
  scope: Scope,
  accountNo: AccountNo,
  event: CanonicalEvent,
): Promise<void> {
  const { hostName, nativeDeviceId } = event.identity;
  const matches = [
    ['host', hostName?.toLowerCase()],
    ['device', nativeDeviceId],
  ].filter(([, value]) => Boolean(value));
  await tx.query(
    `INSERT INTO account_match (partner_id, kind, value, account_no)
     SELECT $1, m.kind, m.value, $2 FROM unnest($3::text[], $4::text[]) AS m(kind, value) ON CONFLICT DO NOTHING`,
    [scope.partnerId, accountNo, matches.map(([kind]) => kind), matches.map(([, value]) => value)],
  );
}

function record(
  tx: Tx,
  { partnerId }: Scope,
  action: string,
  id: string,
  detail?: Record<string, unknown>,
): Promise<void> {
  const target = { kind: 'event', id };
  return outboxAuditTrail.record(tx, partnerId, { action, target, ...(detail && { detail }) });
}
