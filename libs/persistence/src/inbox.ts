import type { Tx } from './unit-of-work.js';

/**
 * Claims messages for a consumer, in the transaction of their effect; answers those nobody claimed before.
 * An id that stands twice in `ids` is answered once.
 */
export async function claimInbox(tx: Tx, consumer: string, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  // Sorted, so that two consumers of the same ids cannot wait for each other in a circle.
  const sorted = [...new Set(ids)].sort();
  const rows = await tx.query<{ id: string }>(
    'INSERT INTO inbox (consumer, id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING id',
    [consumer, sorted],
  );
  return new Set(rows.map((row) => row.id));
}

/** Forgets what Kafka cannot deliver again. `olderThanDays` must exceed Kafka's retention. */
export async function purgeInbox(tx: Tx, olderThanDays: number): Promise<void> {
  await tx.query("DELETE FROM inbox WHERE at < now() - $1 * interval '1 day'", [olderThanDays]);
  await tx.query("DELETE FROM message_attempt WHERE at < now() - $1 * interval '1 day'", [olderThanDays]);
}
