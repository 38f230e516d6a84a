import { rowsOf } from '@backhaul/persistence';
import { gauge, histogram } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import type { PushObserver } from './syncs/push-customer.handler.js';

export function pushMetrics(): PushObserver {
  const seconds = histogram('backhaul_push_seconds', "Time to push a customer's figures to the PSA.", [
    'outcome',
  ]);
  return (outcome, durationMs) => seconds.observe({ outcome }, durationMs / 1000);
}

const BACKLOG = `SELECT count(*)::int AS due, coalesce(extract(epoch FROM now() - min(due_at)), 0)::float AS oldest
  FROM sync_customer WHERE due_at <= now()`;

/** What an autoscaler and an operator look at, read from the customers themselves. */
export function startPushMetrics(dataSource: DataSource, everyMs: number): () => void {
  const due = gauge('backhaul_pushes_due', 'Customers whose figures are to be pushed now.', []);
  const oldest = gauge('backhaul_push_oldest_seconds', 'How long the oldest of them has been due.', []);
  const held = gauge('backhaul_push_connections_held', 'Connections whose PSA cannot be asked for now.', []);
  const read = async (): Promise<void> => {
    const [backlog] = rowsOf<{ due: number; oldest: number }>(await dataSource.query(BACKLOG));
    due.set({}, backlog?.due ?? 0);
    oldest.set({}, backlog?.oldest ?? 0);
    const [row] = rowsOf<{ count: number }>(
      await dataSource.query('SELECT count(*)::int AS count FROM psa_connection WHERE resume_at > now()'),
    );
    held.set({}, row?.count ?? 0);
  };
  const timer = setInterval(() => void read().catch(() => undefined), everyMs);
  return () => clearInterval(timer);
}
