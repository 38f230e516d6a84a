import {
  type AccountNo,
  type Clock,
  type CustomerId,
  type EndpointId,
  type PartnerId,
  uuidv7,
} from '@backhaul/domain';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork, withinScope } from '@backhaul/persistence';
import { TABLES } from '../accounts/scope-tables.js';
import { type Endpoint, type EndpointAgent, keyHashOf, newEndpointKey } from './endpoint.js';

interface EndpointRow {
  id: string;
  partner_id: string;
  agent: string;
  account_no: string | null;
  cust_id: number | null;
  name: string;
  created_at: Date;
  rotated_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export interface NewEndpoint {
  agent: EndpointAgent;
  accountNo: AccountNo | null;
  custId: CustomerId | null;
  name: string;
}

/** The key in clear, which exists only in this answer. */
export interface WithKey {
  endpoint: Endpoint;
  key: string;
}

/** An endpoint as a key finds it. */
export interface KeyedEndpoint {
  endpoint: Endpoint;
  isRevoked: boolean;
  /** It was replaced, and works until then. */
  worksUntil: Date | null;
}

const COLUMNS = `e.id, e.partner_id, e.agent, e.account_no, e.cust_id, e.name, e.created_at, e.rotated_at, e.revoked_at,
  (SELECT max(used.last_used_at) FROM endpoint_key used WHERE used.endpoint_id = e.id) AS last_used_at`;

/** An endpoint of one account sits where the account's customer does. */
const OF_ENDPOINT = {
  partner: 'e.partner_id',
  customer: 'coalesce(e.cust_id, (SELECT a.cust_id FROM account a WHERE a.account_no = e.account_no))',
  account: 'e.account_no',
};

export class EndpointRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  create(scope: Scope, { agent, accountNo, custId, name }: NewEndpoint): Promise<WithKey> {
    const key = newEndpointKey();
    return this.unitOfWork.run(async (tx) => {
      const rows = await tx.query<EndpointRow>(
        `INSERT INTO endpoint AS e (id, partner_id, agent, account_no, cust_id, name) VALUES ($1, $2, $3, $4, $5, $6)
         RETURNING ${COLUMNS}`,
        [uuidv7(this.clock.now().getTime()), scope.partnerId, agent, accountNo, custId, name],
      );
      const endpoint = endpointOf(only(rows));
      await insertKey(tx, endpoint.id, key);
      await record(tx, 'endpoint.create', endpoint);
      return { endpoint, key };
    });
  }

  /**
   * Gives the endpoint a new key; the old one works on for the overlap, 0 hours: it is revoked at once. Null when there
   * is no such live endpoint.
   */
  rotate(scope: Scope, id: EndpointId, overlapHours: number): Promise<WithKey | null> {
    const key = newEndpointKey();
    return this.unitOfWork.run(async (tx) => {
      const params: unknown[] = [id];
      const [row] = await tx.query<EndpointRow>(
        `UPDATE endpoint AS e SET rotated_at = clock_timestamp()
         WHERE ${withinScope(scope, TABLES, OF_ENDPOINT, params)} AND e.id = $1 AND e.revoked_at IS NULL RETURNING ${COLUMNS}`,
        params,
      );
      if (!row) return null;
      await (overlapHours === 0 ? revokeKeys(tx, id) : endKeys(tx, id, overlapHours));
      await insertKey(tx, id, key);
      const endpoint = endpointOf(row);
      await record(tx, 'endpoint.rotate', endpoint);
      return { endpoint, key };
    });
  }

  revoke(scope: Scope, id: EndpointId): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      const params: unknown[] = [id];
      const [row] = await tx.query<EndpointRow>(
        `UPDATE endpoint AS e SET revoked_at = clock_timestamp()
         WHERE ${withinScope(scope, TABLES, OF_ENDPOINT, params)} AND e.id = $1 AND e.revoked_at IS NULL RETURNING ${COLUMNS}`,
        params,
      );
      if (!row) return false;
      await revokeKeys(tx, id);
      await record(tx, 'endpoint.revoke', endpointOf(row));
      return true;
    });
  }

  async find(scope: Scope, id: EndpointId): Promise<Endpoint | null> {
    const params: unknown[] = [id];
    const where = withinScope(scope, TABLES, OF_ENDPOINT, params);
    const [row] = await this.unitOfWork.query<EndpointRow>(
      `SELECT ${COLUMNS} FROM endpoint e WHERE ${where} AND e.id = $1 AND e.revoked_at IS NULL`,
      params,
    );
    return row ? endpointOf(row) : null;
  }

  /** Newest first, those older than `before`. */
  async list(scope: Scope, before: string | null, limit: number): Promise<Endpoint[]> {
    const params: unknown[] = [before, limit];
    const where = withinScope(scope, TABLES, OF_ENDPOINT, params);
    const rows = await this.unitOfWork.query<EndpointRow>(
      `SELECT ${COLUMNS} FROM endpoint e
       WHERE ${where} AND e.revoked_at IS NULL AND ($1::uuid IS NULL OR e.id < $1)
       ORDER BY e.id DESC LIMIT $2`,
      params,
    );
    return rows.map(endpointOf);
  }

  async count(scope: Scope): Promise<number> {
    const params: unknown[] = [];
    const where = withinScope(scope, TABLES, OF_ENDPOINT, params);
    const [row] = await this.unitOfWork.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM endpoint e WHERE ${where} AND e.revoked_at IS NULL`,
      params,
    );
    return row?.count ?? 0;
  }

  /** The key itself says whose it is: the one way in without a scope. */
  async findByKeyAcrossTenants(keyHash: Buffer): Promise<KeyedEndpoint | null> {
    const [row] = await this.unitOfWork.query<
      EndpointRow & { key_revoked_at: Date | null; works_until: Date | null }
    >(
      `SELECT ${COLUMNS}, k.revoked_at AS key_revoked_at, k.works_until
       FROM endpoint_key k JOIN endpoint e ON e.id = k.endpoint_id WHERE k.key_hash = $1`,
      [keyHash],
    );
    if (!row) return null;
    const isRevoked = row.key_revoked_at !== null || row.revoked_at !== null;
    return { endpoint: endpointOf(row), isRevoked, worksUntil: row.works_until };
  }

  /** When keys, named by their digest in base64url, were used; across tenants, beside the reports. */
  async noteUses(uses: readonly { key: string; at: Date }[]): Promise<void> {
    await this.unitOfWork.query(
      `UPDATE endpoint_key k SET last_used_at = u.at FROM unnest($1::bytea[], $2::timestamptz[]) AS u (key_hash, at)
       WHERE k.key_hash = u.key_hash AND (k.last_used_at IS NULL OR k.last_used_at <= u.at - interval '1 minute')`,
      [uses.map(({ key }) => Buffer.from(key, 'base64url')), uses.map(({ at }) => at)],
    );
  }

  /** Grows with every change that whoever remembers keys must notice. */
  async version(): Promise<string> {
    const [row] = await this.unitOfWork.query<{ version: string }>('SELECT version FROM endpoint_version');
    return row?.version ?? '0';
  }
}

async function insertKey(tx: Tx, id: EndpointId, key: string): Promise<void> {
  await tx.query('INSERT INTO endpoint_key (key_hash, endpoint_id) VALUES ($1, $2)', [keyHashOf(key), id]);
}

async function revokeKeys(tx: Tx, id: EndpointId): Promise<void> {
  await tx.query(
    'UPDATE endpoint_key SET revoked_at = clock_timestamp() WHERE endpoint_id = $1 AND revoked_at IS NULL',
    [id],
  );
  await tx.query('UPDATE endpoint_version SET version = version + 1');
}

/** Keys that end already keep their end when it is earlier. */
async function endKeys(tx: Tx, id: EndpointId, inHours: number): Promise<void> {
  await tx.query(
    `UPDATE endpoint_key SET works_until = least(works_until, clock_timestamp() + $2 * interval '1 hour')
     WHERE endpoint_id = $1 AND revoked_at IS NULL`,
    [id, inHours],
  );
  await tx.query('UPDATE endpoint_version SET version = version + 1');
}

function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (!row) throw new Error('The database answered no row');
  return row;
}

function endpointOf(row: EndpointRow): Endpoint {
  return {
    id: row.id as EndpointId,
    partnerId: row.partner_id as PartnerId,
    agent: row.agent as EndpointAgent,
    accountNo: row.account_no === null ? null : (Number(row.account_no) as AccountNo),
    custId: row.cust_id as CustomerId | null,
    name: row.name,
    createdAt: row.created_at,
    rotatedAt: row.rotated_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}

function record(
  tx: Tx,
  action: string,
  { id, partnerId, agent, accountNo, custId }: Endpoint,
): Promise<void> {
  const target = { kind: 'endpoint', id };
  return outboxAuditTrail.record(tx, partnerId, { action, target, detail: { agent, accountNo, custId } });
}
