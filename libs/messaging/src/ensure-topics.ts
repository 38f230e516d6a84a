import { type Kafka } from 'kafkajs';
import { deadLetterTopic } from './dead-letter.js';
import { TOPICS } from './topics/index.js';
import { SERVICES } from './topics/topic.js';

const FOURTEEN_DAYS_MS = 14 * 24 * 3600 * 1000;
const NINETY_DAYS_MS = 90 * 24 * 3600 * 1000;

const entries = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/** Creates what is missing. Safe when several processes run it at once. */
export async function ensureTopics(
  kafka: Kafka,
  { prefix = '', replicationFactor = 1 }: { prefix?: string; replicationFactor?: number } = {},
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const wanted = [
      ...TOPICS.map((topic) => ({
        topic: prefix + topic.name,
        numPartitions: topic.partitions,
        replicationFactor,
        configEntries: entries(
          topic.compacted ? { 'cleanup.policy': 'compact' } : { 'retention.ms': String(FOURTEEN_DAYS_MS) },
        ),
      })),
      ...SERVICES.map((service) => ({
        topic: prefix + deadLetterTopic(service),
        numPartitions: 1,
        replicationFactor,
        configEntries: entries({ 'retention.ms': String(NINETY_DAYS_MS) }),
      })),
    ].filter(({ topic }) => !existing.has(topic));
    // Another process may have created them since: kafkajs answers false then.
    if (wanted.length) await admin.createTopics({ topics: wanted, waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}
