import type { AuditEntryPayload, AuditHeadPayload } from '@backhaul/messaging';
import {
  type AuditedAct,
  auditEntryOf,
  type AuditTrail,
  type Scope,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import type { PartnerId } from '@backhaul/domain';
import { hashOf, NO_HASH } from './chain.js';

export interface AuditFilter {
  action?: string | undefined;
  subject?: string | undefined;
  target?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface AuditRow {
  seq: number;
  entry: AuditEntryPayload;
}

export interface Verdict {
  entries: number;
  /** The first entry that does not follow from those before it. */
  brokenAt: number | null;
  /** Hash of the newest entry, hex; null while there is none. */
  head: string | null;
}

interface ChainRow {
  seq: string;
  body: string;
  hash: Buffer;
}

const AT_ONCE = 5000;

/** The audit log: one chain of hashes per partner, written in the order of its numbers. */
export class AuditRepository implements AuditTrail {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** In the transaction of the act: what cannot be recorded does not happen. */
  async record(tx: Tx, partnerId: PartnerId, act: AuditedAct): Promise<void> {
    await this.append(tx, auditEntryOf(partnerId, act));
  }

  /** An entry that is there already is not written again. */
  async append(tx: Tx, entry: AuditEntryPayload): Promise<void> {
    const { partnerId, entryId, at, subject, action, targetKind, targetId } = entry;
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7))', [partnerId]);
    const [known] = await tx.query('SELECT 1 FROM audit_entry WHERE partner_id = $1 AND entry_id = $2', [
      partnerId,
      entryId,
    ]);
    if (known) return;
    const [last] = await tx.query<ChainRow>(
      'SELECT seq, body, hash FROM audit_entry WHERE partner_id = $1 ORDER BY seq DESC LIMIT 1',
      [partnerId],
    );
    const seq = Number(last?.seq ?? 0) + 1;
    const body = JSON.stringify(entry);
    await tx.query(
      `INSERT INTO audit_entry (partner_id, seq, entry_id, at, subject, action, target, body, hash)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        partnerId,
        seq,
        entryId,
        at,
        subject,
        action,
        `${targetKind}:${targetId}`,
        body,
        hashOf(last?.hash ?? NO_HASH, seq, body),
      ],
    );
  }

  /** Newest first, those before the number `before`; 0 for all. */
  async page({ partnerId }: Scope, filter: AuditFilter, before: number, limit: number): Promise<AuditRow[]> {
    const rows = await this.unitOfWork.query<ChainRow>(
      `SELECT seq, body FROM audit_entry
       WHERE partner_id = $1 AND ($2::bigint = 0 OR seq < $2) AND ($3::text IS NULL OR action = $3)
         AND ($4::text IS NULL OR subject = $4) AND ($5::text IS NULL OR target = $5)
         AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
       ORDER BY seq DESC LIMIT $8`,
      [
        partnerId,
        before,
        filter.action ?? null,
        filter.subject ?? null,
        filter.target ?? null,
        filter.from ?? null,
        filter.to ?? null,
        limit,
      ],
    );
    return rows.map(({ seq, body }) => ({ seq: Number(seq), entry: JSON.parse(body) as AuditEntryPayload }));
  }

  /** The hash of an entry, hex; null where there is none of that number. */
  async hashAt(partnerId: PartnerId, seq: number): Promise<string | null> {
    const [row] = await this.unitOfWork.query<Pick<ChainRow, 'hash'>>(
      'SELECT hash FROM audit_entry WHERE partner_id = $1 AND seq = $2',
      [partnerId, seq],
    );
    return row?.hash.toString('hex') ?? null;
  }

  /** Walks the chain from its beginning, or from an end of it that was good. */
  async verify(
    { partnerId }: Pick<Scope, 'partnerId'>,
    from: Pick<AuditHeadPayload, 'entries' | 'head'> | null = null,
  ): Promise<Verdict> {
    let [previous, entries]: [Buffer, number] = from
      ? [Buffer.from(from.head, 'hex'), from.entries]
      : [NO_HASH, 0];
    for (;;) {
      const rows = await this.unitOfWork.query<ChainRow>(
        'SELECT seq, body, hash FROM audit_entry WHERE partner_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
        [partnerId, entries, AT_ONCE],
      );
      for (const { seq, body, hash } of rows) {
        const follows = Number(seq) === entries + 1 && hashOf(previous, entries + 1, body).equals(hash);
        if (!follows) return { entries, brokenAt: entries + 1, head: null };
        [previous, entries] = [hash, entries + 1];
      }
      if (rows.length < AT_ONCE)
        return { entries, brokenAt: null, head: entries ? previous.toString('hex') : null };
    }
  }
}
