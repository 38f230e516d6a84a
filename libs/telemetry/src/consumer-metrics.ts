import { counter, gauge, histogram } from './metrics.js';

/** Measures a consumer of Kafka: the observer that libs/messaging takes. */
export interface ConsumerMetrics {
  handled(topic: string, records: number, durationMs: number): void;
  lagging(topic: string, records: number): void;
  retried(topic: string): void;
  deadLettered(topic: string, reason: string): void;
}

/** Made once per process; a second call shares the same metrics. */
export function consumerMetrics(): ConsumerMetrics {
  const records = counter('backhaul_consumed_records_total', 'Records taken from Kafka.', ['topic']);
  const seconds = histogram('backhaul_consumed_batch_seconds', 'Time for one batch of records.', ['topic']);
  const lag = gauge('backhaul_consumer_lag_records', 'Records that the group has not committed yet.', [
    'topic',
  ]);
  const retries = counter('backhaul_consumer_retries_total', 'Batches that had to be tried again.', [
    'topic',
  ]);
  const dead = counter('backhaul_dead_letters_total', 'Records set aside.', ['topic', 'reason']);
  return {
    handled: (topic, count, durationMs) => {
      records.inc({ topic }, count);
      seconds.observe({ topic }, durationMs / 1000);
    },
    lagging: (topic, behind) => lag.set({ topic }, behind),
    retried: (topic) => retries.inc({ topic }),
    deadLettered: (topic, reason) => dead.inc({ topic, reason }),
  };
}
