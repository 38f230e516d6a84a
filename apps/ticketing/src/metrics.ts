import { rowsOf } from '@backhaul/persistence';
import { counter, gauge, histogram } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import type { ExecuteObserver } from './lanes/execute-head.handler.js';

export function executeMetrics(): ExecuteObserver {
  const seconds = histogram('backhaul_psa_call_seconds', 'Time for one command at the PSA.', [
    'kind',
    'outcome',
  ]);
  const doubles = counter(
    'backhaul_duplicate_tickets_total',
    'Tickets found to be doubles; the aim is 0.',
    [],
  );
  return {
    called: (kind, outcome, durationMs) => seconds.observe({ kind, outcome }, durationMs / 1000),
    duplicates: (count) => doubles.inc(count),
  };
}

/** What an autoscaler and an operator look at, read from the lanes themselves. */
export function startLaneMetrics(dataSource: DataSource, everyMs: number): () => void {
  const lanes = gauge('backhaul_lanes', 'Lanes by state.', ['state']);
  const oldest = gauge('backhaul_lane_oldest_seconds', 'Age of the oldest lane that is due.', []);
  const commands = gauge('backhaul_commands', 'Commands that are not finished, by status.', ['status']);
  const breakers = gauge('backhaul_breakers', 'Connections by state of their breaker.', ['state']);
  const read = async (): Promise<void> => {
    const byState = rowsOf<{ state: string; count: number; age: number | null }>(
      await dataSource.query(
        `SELECT state, count(*)::int AS count, extract(epoch FROM max(now() - next_attempt_at) FILTER (WHERE state = 'ready'))::float AS age FROM lane GROUP BY state`,
      ),
    );
    for (const state of ['idle', 'ready', 'running', 'attention'])
      lanes.set({ state }, byState.find((row) => row.state === state)?.count ?? 0);
    oldest.set({}, Math.max(0, byState.find((row) => row.state === 'ready')?.age ?? 0));
    const byStatus = rowsOf<{ status: string; count: number }>(
      await dataSource.query(
        "SELECT status, count(*)::int AS count FROM command WHERE status IN ('planned', 'sending', 'unknown') GROUP BY status",
      ),
    );
    for (const status of ['planned', 'sending', 'unknown'])
      commands.set({ status }, byStatus.find((row) => row.status === status)?.count ?? 0);
    const byBreaker = rowsOf<{ breaker: string; count: number }>(
      await dataSource.query('SELECT breaker, count(*)::int AS count FROM psa_connection GROUP BY breaker'),
    );
    for (const state of ['closed', 'open', 'half_open'])
      breakers.set({ state }, byBreaker.find((row) => row.breaker === state)?.count ?? 0);
  };
  const timer = setInterval(() => void read().catch(() => undefined), everyMs);
  return () => clearInterval(timer);
}
