import { gauge } from './metrics.js';

/** What waits to be published. */
export interface Backlog {
  rows: number;
  /** Age of the oldest row, seconds; 0 without one. */
  oldestSeconds: number;
}

/** Read each time the metrics are. While the database is away the last figures stand; readiness tells the rest. */
export function outboxMetrics(read: () => Promise<Backlog>): void {
  const oldest = gauge('backhaul_outbox_oldest_seconds', 'Age of the oldest message not yet in Kafka.');
  gauge('backhaul_outbox_rows', 'Messages that wait to be published.', [], async (self) => {
    const backlog = await read().catch(() => null);
    if (!backlog) return;
    self.set(backlog.rows);
    oldest.set(backlog.oldestSeconds);
  });
}
