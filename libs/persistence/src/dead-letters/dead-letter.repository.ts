import { type PartnerId, PLATFORM, type Scope } from '@backhaul/domain';
import type { StoredRecord } from '@backhaul/messaging';
import { acrossTenantsForOperators, type ScopeTables } from '../scope.js';
import type { Tx, UnitOfWork } from '../unit-of-work.js';
import { decodedHeaders } from './dead-letter.table.js';
import { type Facts, factsOf } from './letter-facts.js';

/** Letters of one topic, class and cause. */
export interface LetterGroup {
  id: string;
  topic: string;
  class: string;
  /** Of one of them. */
  reason: string;
  count: number;
  /** ISO 8601 UTC. */
  oldestAt: string;
  newestAt: string;
  /** Ids, the oldest twenty. */
  letters: string[];
}

export interface Letter {
  id: string;
  groupId: string;
  topic: string;
  partition: number;
  offset: string;
  class: string;
  reason: string;
  state: 'waiting' | 'replaying' | 'replayed' | 'discarded';
  setAsideAt: string;
  /** Something newer about the same thing was handled since. */
  isOvertaken: boolean;
  /** Older letters about the same thing that wait: a replay of this one overtakes them. */
  olderWaiting: number;
  partnerId: string | null;
  accountNo: number | null;
  custId: number | null;
  bytes: number;
  sha256: string | null;
  isJson: boolean;
  facts: Facts;
  resolvedAt: string | null;
  resolvedBy: string | null;
  note: string | null;
}

export interface KeptLetter extends Letter {
  record: StoredRecord;
  /** The platform where nobody knows whose it is. */
  owner: PartnerId;
}

interface Row extends Omit<
  Letter,
  'setAsideAt' | 'resolvedAt' | 'bytes' | 'sha256' | 'isJson' | 'facts' | 'accountNo' | 'custId'
> {
  setAsideAt: Date;
  resolvedAt: Date | null;
  accountNo: string | null;
  custId: string | null;
  owner: PartnerId;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string[]>;
}

/** By which of a letter's numbers its brand is known: its customer's, or its account's. */
export type LetterScopedBy = 'cust_id' | 'account_no';

const IS_OPEN = "d.state IN ('waiting', 'replaying')";
const SELECT = `
  SELECT d.letter_id AS id, d.group_id AS "groupId", d.topic, d.part AS partition, d.place::text AS offset, d.class, d.reason,
         d.state, d.set_aside_at AS "setAsideAt", d.is_overtaken AS "isOvertaken", d.partner_id AS owner,
         d.account_no AS "accountNo", d.cust_id AS "custId", d.key, d.value, d.headers,
         d.resolved_at AS "resolvedAt", d.resolved_by AS "resolvedBy", d.note,
         (SELECT count(*)::int FROM dead_letter o WHERE o.order_key = d.order_key AND o.state = 'waiting' AND o.place < d.place) AS "olderWaiting"
  FROM dead_letter d`;
/** A replay that has not ended by then died with its process. */
const CLAIM_S = 60;

/** Letters within a scope; operators of the platform see all, those of nobody included. */
export class DeadLetterRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tables: ScopeTables,
    private readonly scopedBy: LetterScopedBy = 'cust_id',
  ) {}

  /** Those that wait, the group with the newest letter first; `before` is its time and id. */
  async groups(
    scope: Scope,
    filter: { topic?: string | undefined; class?: string | undefined },
    before: readonly [string, string] | null,
    limit: number,
  ): Promise<LetterGroup[]> {
    const params: unknown[] = [limit, before?.[0] ?? null, before?.[1] ?? null];
    const where = [this.within(scope, params), IS_OPEN];
    if (filter.topic !== undefined) where.push(`d.topic = $${params.push(filter.topic)}`);
    if (filter.class !== undefined) where.push(`d.class = $${params.push(filter.class)}`);
    const rows = await this.unitOfWork.query<LetterGroup & { oldest: Date; newest: Date }>(
      `SELECT d.group_id AS id, d.topic, d.class, min(d.reason) AS reason, count(*)::int AS count, min(d.set_aside_at) AS oldest,
              max(d.set_aside_at) AS newest, (array_agg(d.letter_id::text ORDER BY d.set_aside_at, d.letter_id))[1:20] AS letters
       FROM dead_letter d WHERE ${where.join(' AND ')} GROUP BY d.group_id, d.topic, d.class
       HAVING $2::timestamptz IS NULL OR (max(d.set_aside_at), d.group_id) < ($2, $3::text)
       ORDER BY newest DESC, d.group_id DESC LIMIT $1`,
      params,
    );
    return rows.map(({ oldest, newest, ...group }) => ({
      ...group,
      oldestAt: oldest.toISOString(),
      newestAt: newest.toISOString(),
    }));
  }

  async find(scope: Scope, letterId: string): Promise<KeptLetter | null> {
    const params: unknown[] = [letterId];
    const where = this.within(scope, params);
    const [row] = await this.unitOfWork.query<Row>(`${SELECT} WHERE ${where} AND d.letter_id = $1`, params);
    return row ? letterOf(row) : null;
  }

  /** Those of a group that wait, in the order in which they came, and how many more there are. */
  async ofGroup(scope: Scope, groupId: string, most: number): Promise<{ ids: string[]; more: number }> {
    const params: unknown[] = [groupId];
    const where = this.within(scope, params);
    const rows = await this.unitOfWork.query<{ id: string }>(
      `SELECT d.letter_id AS id FROM dead_letter d WHERE ${where} AND d.group_id = $1 AND ${IS_OPEN} ORDER BY d.part, d.place`,
      params,
    );
    return { ids: rows.slice(0, most).map(({ id }) => id), more: Math.max(0, rows.length - most) };
  }

  /** False where somebody else is at it, or it is dealt with already. */
  async claim(letterId: string): Promise<boolean> {
    const rows = await this.unitOfWork.query(
      `UPDATE dead_letter SET state = 'replaying', claimed_at = clock_timestamp() WHERE letter_id = $1
         AND (state = 'waiting' OR (state = 'replaying' AND claimed_at < clock_timestamp() - $2 * interval '1 s')) RETURNING 1`,
      [letterId, CLAIM_S],
    );
    return rows.length === 1;
  }

  /** It goes on waiting. */
  async release(
    letterId: string,
    note: string | null,
    tx: Pick<Tx, 'query'> = this.unitOfWork,
  ): Promise<void> {
    await tx.query(
      "UPDATE dead_letter SET state = 'waiting', note = coalesce($2, note) WHERE letter_id = $1 AND state = 'replaying'",
      [letterId, note],
    );
  }

  /** False where it no longer is in that state. */
  async resolve(
    tx: Tx,
    letterId: string,
    from: Letter['state'],
    to: { state: 'replayed' | 'discarded'; by: string; note: string | null },
  ): Promise<boolean> {
    const rows = await tx.query(
      `UPDATE dead_letter SET state = $3, resolved_at = clock_timestamp(), resolved_by = $4, note = $5
       WHERE letter_id = $1 AND state = $2 RETURNING 1`,
      [letterId, from, to.state, to.by, to.note],
    );
    return rows.length === 1;
  }

  private within(scope: Scope, params: unknown[]): string {
    const columns = { partner: 'd.partner_id', customer: `d.${this.scopedBy}`, account: 'd.account_no' };
    return acrossTenantsForOperators(scope, this.tables, columns, params);
  }
}

function letterOf({ owner, key, value, headers, setAsideAt, resolvedAt, ...row }: Row): KeptLetter {
  const { bytes, sha256, isJson, facts } = factsOf(value);
  const { topic, partition, offset } = row;
  return {
    ...row,
    owner,
    partnerId: owner === PLATFORM ? null : owner,
    accountNo: row.accountNo === null ? null : Number(row.accountNo),
    custId: row.custId === null ? null : Number(row.custId),
    setAsideAt: setAsideAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
    ...{ bytes, sha256, isJson, facts },
    record: { topic, partition, offset, key, value, headers: decodedHeaders(headers) },
  };
}
