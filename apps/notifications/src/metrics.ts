import { gauge } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';

/** Measures what waits to be published. */
export function outboxMetrics(dataSource: DataSource): void {
  gauge('backhaul_outbox_rows', 'Messages that wait to be published.', [], async (self) => {
    const [row] = await dataSource.query<{ count: string }[]>('SELECT count(*) FROM outbox');
    self.set(Number(row?.count ?? 0));
  });
}
