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
}

const COLUMNS =
  'e.id, e.partner_id, e.agent, e.account_no, e.cust_id, e.name, e.created_at, e.rotated_at, e.revoked_at';

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

  /** Gives the endpoint a new key; the old one is revoked at once. Null when there is no such live endpoint. */
  rotate(scope: Scope, id: EndpointId): Promise<WithKey | null> {
    const key = newEndpointKey();
    return this.unitOfWork.run(async (tx) => {
      const params: unknown[] = [id];
      const [row] = await tx.query<EndpointRow>(
        `UPDATE endpoint AS e SET rotated_at = clock_timestamp()
         WHERE ${withinScope(scope, TABLES, OF_ENDPOINT, params)} AND e.id = $1 AND e.revoked_at IS NULL RETURNING ${COLUMNS}`,
        params,
      );
      if (!row) return null;
      await revokeKeys(tx, id);
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
    const [row] = await this.unitOfWork.query<EndpointRow & { key_revoked_at: Date | null }>(
      `SELECT ${COLUMNS}, k.revoked_at AS key_revoked_at
       FROM endpoint_key k JOIN endpoint e ON e.id = k.endpoint_id WHERE k.key_hash = $1`,
      [keyHash],
    );
    return row
      ? { endpoint: endpointOf(row), isRevoked: row.key_revoked_at !== null || row.revoked_at !== null }
      : null;
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
