import { DEFAULT_SCHEDULE, type PartnerId, type ScheduleSettings } from '@backhaul/domain';
import { type Scope, type Tx, withinScope } from '@backhaul/persistence';
import { TABLES } from '../accounts/scope-tables.js';

/** What is stored for an account; version 0 while nobody set anything. */
export interface StoredSchedule {
  settings: ScheduleSettings;
  version: number;
}

const OF_ACCOUNT = { partner: 'a.partner_id', customer: 'a.cust_id', account: 'a.account_no' };

export class ScheduleSettingsRepository {
  /** The settings of those accounts that have their own. */
  async ofAccountsAcrossTenants(
    tx: Tx,
    accountNos: readonly number[],
  ): Promise<(accountNo: number) => ScheduleSettings> {
    const rows = await tx.query<{ account_no: string; settings: ScheduleSettings }>(
      'SELECT account_no, settings FROM account_schedule WHERE account_no = ANY($1::bigint[])',
      [[...new Set(accountNos)]],
    );
    const own = new Map(rows.map((row) => [Number(row.account_no), row.settings]));
    return (accountNo) => own.get(accountNo) ?? DEFAULT_SCHEDULE;
  }

  /** Null where the account is out of sight. */
  async find(
    tx: Tx,
    scope: Scope,
    accountNo: number,
  ): Promise<(StoredSchedule & { partnerId: PartnerId }) | null> {
    const params: unknown[] = [accountNo];
    const where = withinScope(scope, TABLES, OF_ACCOUNT, params);
    const [row] = await tx.query<{
      partner_id: PartnerId;
      settings: ScheduleSettings | null;
      version: number | null;
    }>(
      `SELECT a.partner_id, s.settings, s.version FROM account a LEFT JOIN account_schedule s USING (account_no)
       WHERE ${where} AND a.account_no = $1`,
      params,
    );
    if (!row) return null;
    return {
      partnerId: row.partner_id,
      settings: row.settings ?? DEFAULT_SCHEDULE,
      version: row.version ?? 0,
    };
  }

  /** Answers false where the stored version is no longer `version - 1`. */
  async write(
    tx: Tx,
    { partnerId, accountNo }: { partnerId: PartnerId; accountNo: number },
    { settings, version }: StoredSchedule,
  ): Promise<boolean> {
    const written = await tx.query(
      `INSERT INTO account_schedule (account_no, partner_id, settings, version, updated_at)
       SELECT $1, $2, $3::json, $4::int, now() WHERE $4::int = 1
       OR EXISTS (SELECT 1 FROM account_schedule WHERE account_no = $1 AND partner_id = $2)
       ON CONFLICT (account_no) DO UPDATE SET settings = excluded.settings, version = excluded.version, updated_at = now()
         WHERE account_schedule.version = excluded.version - 1
       RETURNING 1 AS written`,
      [accountNo, partnerId, JSON.stringify(settings), version],
    );
    return written.length > 0;
  }
}
