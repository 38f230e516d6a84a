import type { AccountNo, BrandId, PartnerId } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { MailTemplate } from './templates.js';

/** One mail to one address. */
export interface MailDraft {
  /** Follows from why it is sent, so that a repeat is the same mail. */
  mailId: string;
  partnerId: PartnerId;
  /** Null where it is about none: for an operator of the platform, and where an event handler names the address. */
  accountNo: AccountNo | null;
  brandId: BrandId | null;
  address: string;
  template: MailTemplate;
  /** What the template shows. */
  content: Readonly<Record<string, string | number | null>>;
  expiresAt: Date;
}

export interface DueMail extends MailDraft {
  brandName: string | null;
  /** The same at every attempt. */
  createdAt: Date;
}

export type MailEnd = 'sent' | 'bounced' | 'suppressed' | 'expired';

/** An address that refused mail, and what its server said. */
export interface Undeliverable {
  address: string;
  reason: string;
  at: Date;
}

type Db = Pick<Tx, 'query'>;
const SUPPRESSED_FOR = "interval '24 hours'";
const BAD = `is_address_bad AND ended_at > now() - ${SUPPRESSED_FOR}`;

/** Mails are the service's own work: ids and account numbers are unique across partners. */
export class MailRepository {
  /** Answers the ids of those that were not there before. */
  async add(tx: Tx, drafts: readonly MailDraft[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `INSERT INTO mail (mail_id, partner_id, account_no, brand_id, address, template, content, expires_at)
       SELECT "mailId", "partnerId", "accountNo", "brandId", address, template, content, "expiresAt"
       FROM jsonb_to_recordset($1::jsonb) AS draft ("mailId" uuid, "partnerId" uuid, "accountNo" bigint, "brandId" uuid,
         address text, template text, content jsonb, "expiresAt" timestamptz)
       ON CONFLICT (mail_id) DO NOTHING RETURNING mail_id AS id`,
      [JSON.stringify(drafts)],
    );
    return rows.map(({ id }) => id);
  }

  /** Written down before it is sent. Null for what has ended; 'busy' while another worker sends it. */
  async begin(db: Db, mailId: string, leaseS: number): Promise<DueMail | 'busy' | null> {
    const [begun] = await db.query<DueMail>(
      `UPDATE mail m SET attempts = attempts + 1, attempted_at = now(), leased_until = now() + $2 * interval '1 s'
       WHERE mail_id = $1 AND state = 'pending' AND (leased_until IS NULL OR leased_until < now())
       RETURNING mail_id AS "mailId", partner_id AS "partnerId", account_no::float8 AS "accountNo", brand_id AS "brandId",
         address, template, content, expires_at AS "expiresAt", created_at AS "createdAt",
         (SELECT name FROM brand_name b WHERE b.brand_id = m.brand_id) AS "brandName"`,
      [mailId, leaseS],
    );
    if (begun) return begun;
    const waiting = await db.query("SELECT 1 FROM mail WHERE mail_id = $1 AND state = 'pending'", [mailId]);
    return waiting.length > 0 ? 'busy' : null;
  }

  /** It comes again; `reason` says why. */
  async postpone(db: Db, mailId: string, reason: string): Promise<void> {
    await db.query(
      "UPDATE mail SET leased_until = NULL, reason = $2 WHERE mail_id = $1 AND state = 'pending'",
      [mailId, reason],
    );
  }

  async end(
    db: Db,
    mailId: string,
    state: MailEnd,
    reason: string | null = null,
    isAddressBad = false,
  ): Promise<void> {
    await db.query(
      `UPDATE mail SET state = $2, reason = $3, is_address_bad = $4, ended_at = now(), leased_until = NULL, content = NULL
       WHERE mail_id = $1`,
      [mailId, state, reason, isAddressBad],
    );
  }

  /** Whether the address refused a mail about this account, or one of the partner's about none, in the last 24 hours. */
  async isSuppressed(
    db: Db,
    { partnerId, accountNo, address }: Pick<MailDraft, 'partnerId' | 'accountNo' | 'address'>,
  ): Promise<boolean> {
    const account =
      accountNo === null ? 'account_no IS NULL AND $3::bigint IS NULL' : 'account_no = $3::bigint';
    const rows = await db.query(
      `SELECT 1 FROM mail WHERE partner_id = $1 AND address = $2 AND ${account} AND ${BAD} LIMIT 1`,
      [partnerId, address, accountNo],
    );
    return rows.length > 0;
  }

  async undeliverable(
    db: Db,
    { partnerId, accountNo }: { partnerId: PartnerId; accountNo: AccountNo },
  ): Promise<Undeliverable[]> {
    return db.query<Undeliverable>(
      `SELECT DISTINCT ON (address) address, coalesce(reason, '') AS reason, ended_at AS at
       FROM mail WHERE partner_id = $1 AND account_no = $2::bigint AND ${BAD} ORDER BY address, ended_at DESC`,
      [partnerId, accountNo],
    );
  }

  async purge(tx: Tx, olderThanDays: number): Promise<void> {
    await tx.query("DELETE FROM mail WHERE created_at < now() - $1 * interval '1 day'", [olderThanDays]);
  }
}
