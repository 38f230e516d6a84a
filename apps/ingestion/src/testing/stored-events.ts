import { type PartnerId, uuidFrom, uuidv7 } from '@backhaul/domain';

/** Who can be asked: a data source, or one connection of it. */
interface Asked {
  query(sql: string, params: unknown[]): Promise<unknown>;
}

export interface StoredEvent {
  /** When it was received. */
  at: Date;
  partnerId?: PartnerId;
  /** Null: nobody knows whose it is. */
  accountNo?: number | null;
  bucket?: number;
}

export const SOMEBODY = uuidFrom('somebody') as PartnerId;

/** An event of the log with its key, and nothing of what an agent would have said; its id. */
export async function store(
  asked: Asked,
  { at, partnerId = SOMEBODY, accountNo = 80202028, bucket = 7 }: StoredEvent,
): Promise<string> {
  const eventId = uuidv7(at.getTime());
  const dedupeId = uuidFrom('report', eventId);
  const body = JSON.stringify({ eventId, tenant: { partnerId, accountNo } });
  await asked.query(
    `INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
       is_conclusive, is_success, type, severity, body)
     VALUES ($1, $2, $3, '', $4, 34826, $5, 1, $6, true, false, 'backup.failed', 'ERROR', $7)`,
    [eventId, partnerId, dedupeId, accountNo, accountNo === null ? null : bucket, at, body],
  );
  await asked.query('INSERT INTO event_key VALUES ($1, $2)', [dedupeId, eventId]);
  return eventId;
}
