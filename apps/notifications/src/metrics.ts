import type { ConsumerObserver } from '@backhaul/messaging';
import { counter, gauge, histogram } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';

/** Measures the consumer. */
export function consumerMetrics(): ConsumerObserver {
  const records = counter('backhaul_consumed_records_total', 'Records taken from Kafka.', ['topic']);
  const seconds = histogram('backhaul_consumed_batch_seconds', 'Time for one batch of records.', ['topic']);
  const lag = gauge('backhaul_consumer_lag_records', 'Records behind the newest, as of the last batch.', [
    'topic',
  ]);
  const retries = counter('backhaul_consumer_retries_total', 'Batches that had to be tried again.', [
    'topic',
  ]);
  const dead = counter('backhaul_dead_letters_total', 'Records set aside.', ['topic', 'reason']);
  return {
    handled: (topic, count, durationMs, behind) => {
      records.inc({ topic }, count);
      seconds.observe({ topic }, durationMs / 1000);
      lag.set({ topic }, behind);
    },
    retried: (topic) => retries.inc({ topic }),
    deadLettered: (topic, reason) => dead.inc({ topic, reason }),
  };
}

/** Measures what waits to be published. */
export function outboxMetrics(dataSource: DataSource): void {
  gauge('backhaul_outbox_rows', 'Messages that wait to be published.', [], async (self) => {
    const [row] = await dataSource.query<{ count: string }[]>('SELECT count(*) FROM outbox');
    self.set(Number(row?.count ?? 0));
  });
}
