import type { DataSource } from 'typeorm';

/** How many rows of the outbox wait to be published, and the age of the oldest in seconds. */
export async function outboxBacklog(
  dataSource: DataSource,
): Promise<{ rows: number; oldestSeconds: number }> {
  const [row] = await dataSource.query<{ rows: number; oldestSeconds: number }[]>(
    `SELECT count(*)::int AS rows,
       coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS "oldestSeconds" FROM outbox`,
  );
  return row ?? { rows: 0, oldestSeconds: 0 };
}
