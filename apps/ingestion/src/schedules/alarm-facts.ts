import type { CanonicalEvent } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { Expectation } from './expectation.js';
import type { KnownAccount, Named } from './inferred-event.js';

interface AccountRow {
  account_no: string;
  cust_id: number;
  brand_id: string | null;
  host_name: string | null;
  role: string | null;
  is_suspended: boolean | null;
}

const ACCOUNTS = `
  SELECT a.account_no, a.cust_id, a.brand_id, a.host_name, a.role, p.is_suspended
  FROM account a LEFT JOIN partner p USING (partner_id) WHERE a.account_no = ANY($1::bigint[])`;
const FIRST_SEEN = `
  SELECT w.no::text AS account_no, first.at FROM unnest($1::bigint[]) AS w(no) CROSS JOIN LATERAL (
    SELECT uuid_extract_timestamp(event_id) AS at FROM event WHERE account_no = w.no ORDER BY event_id LIMIT 1) first`;

/** What else has to be known before somebody is told that nothing came. */
export class AlarmFacts {
  async accountsAcrossTenants(
    tx: Tx,
    expectations: readonly Expectation[],
  ): Promise<Map<number, KnownAccount>> {
    const rows = await tx.query<AccountRow>(ACCOUNTS, [expectations.map(({ accountNo }) => accountNo)]);
    return new Map(
      rows.map((row) => [
        Number(row.account_no),
        {
          custId: row.cust_id,
          brandId: row.brand_id,
          hostName: row.host_name,
          role: row.role,
          isSuspended: row.is_suspended ?? false,
        },
      ]),
    );
  }

  /** For accounts that are not known to have run: when the log first heard of them, in milliseconds since 1970. */
  async firstSeenAcrossTenants(tx: Tx, expectations: readonly Expectation[]): Promise<Map<number, number>> {
    const silent = expectations.filter(({ kind, watch }) => kind === 'account' && watch.lastRunMs === null);
    if (silent.length === 0) return new Map();
    const rows = await tx.query<{ account_no: string; at: Date }>(FIRST_SEEN, [
      silent.map(({ accountNo }) => accountNo),
    ]);
    return new Map(rows.map((row) => [Number(row.account_no), row.at.getTime()]));
  }

  /** What names the jobs, by event id; an event whose body is no JSON is left out. */
  async namesAcrossTenants(tx: Tx, expectations: readonly Expectation[]): Promise<Map<string, Named>> {
    const ids = expectations.flatMap(({ lastEventId }) => lastEventId ?? []);
    if (ids.length === 0) return new Map();
    const rows = await tx.query<{ event_id: string; body: string }>(
      'SELECT event_id, body FROM event WHERE event_id = ANY($1::uuid[])',
      [ids],
    );
    return new Map(rows.flatMap((row) => namedOf(row)));
  }
}

function namedOf({ event_id, body }: { event_id: string; body: string }): [string, Named][] {
  try {
    return [[event_id, JSON.parse(body) as CanonicalEvent]];
  } catch {
    // Who needs the name of that job is put off by itself, not with all the others.
    return [];
  }
}
