import { randomUUID } from 'node:crypto';

type Query = (sql: string, params: unknown[]) => Promise<unknown>;

/** Puts a letter among those a service set aside, with a cause of its own; answers its id. */
export async function keepLetter(
  query: Query,
  { partnerId, custId, accountNo }: { partnerId: string; custId: number | null; accountNo: number },
): Promise<string> {
  const id = randomUUID();
  await query(
    `INSERT INTO dead_letter (letter_id, partner_id, cust_id, account_no, topic, part, place, class, reason, group_id, key, value, headers)
     VALUES ($1, $2, $3, $4, 'some.topic.v1', 0, 1, 'schema', 'does not fit', $5, NULL, $6, '{}')`,
    [id, partnerId, custId, accountNo, id.slice(0, 16), Buffer.from('{"secret":"words"}')],
  );
  return id;
}

/** As before anybody did something about them. */
export const RESTORE_LETTERS =
  "UPDATE dead_letter SET state = 'waiting', resolved_at = NULL, resolved_by = NULL, note = NULL WHERE state <> 'waiting'";
