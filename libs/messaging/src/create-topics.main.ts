/** `KAFKA_BROKERS=… node create-topics.main.js`: creates the topics of the catalogue, a job of its own before the services start. */
import { createKafka } from './kafka.js';
import { ensureTopics } from './ensure-topics.js';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter(Boolean);
if (brokers.length === 0) throw new Error('KAFKA_BROKERS is not set');
await ensureTopics(createKafka({ brokers, clientId: 'create-topics' }), {
  prefix: process.env['KAFKA_TOPIC_PREFIX'] ?? '',
  replicationFactor: Number(process.env['KAFKA_REPLICATION_FACTOR'] ?? 1),
});
