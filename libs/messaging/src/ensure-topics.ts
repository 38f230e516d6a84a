import { type Admin, type Kafka } from 'kafkajs';
import { offsetsOf, untilServed } from './offsets.js';
import { DEAD_LETTERS, deadLetterTopic } from './topics/dead-letters.js';
import { TOPICS } from './topics/index.js';
import { SERVICES, type Topic } from './topics/topic.js';

const DAY_MS = 24 * 3600 * 1000;

interface WantedTopic {
  topic: string;
  numPartitions: number;
  config: Record<string, string>;
}

function configOf(topic: Topic<object>): Record<string, string> {
  if (!topic.compacted) {
    const retentionMs = topic.isKeptForever ? -1 : 14 * DAY_MS;
    return { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs) };
  }
  return {
    'cleanup.policy': 'compact',
    // A reader that was away for less than this still learns what was deleted.
    'delete.retention.ms': String(30 * DAY_MS),
    'segment.ms': String(7 * DAY_MS),
  };
}

/** What the catalogue asks for, prefixed. */
export function wantedTopics(prefix = ''): WantedTopic[] {
  return [
    ...(TOPICS as readonly Topic<object>[]).map((topic) => ({
      topic: prefix + topic.name,
      numPartitions: topic.partitions,
      config: configOf(topic),
    })),
    ...SERVICES.map((service) => ({
      topic: prefix + deadLetterTopic(service),
      numPartitions: DEAD_LETTERS.partitions,
      config: {
        'cleanup.policy': 'delete',
        'retention.ms': String(DEAD_LETTERS.retentionMs),
        'max.message.bytes': String(DEAD_LETTERS.maxBytes),
      },
    })),
  ];
}

/**
 * Creates what is missing. Safe when several processes run it at once.
 * @throws Error when a topic stands there with another number of partitions: keys would change their place.
 */
export async function ensureTopics(
  kafka: Kafka,
  { prefix = '', replicationFactor = 1 }: { prefix?: string; replicationFactor?: number } = {},
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const wanted = wantedTopics(prefix);
    const missing = wanted.filter(({ topic }) => !existing.has(topic));
    // Losing one of three replicas must lose no record.
    const safety: Record<string, string> = replicationFactor > 2 ? { 'min.insync.replicas': '2' } : {};
    // Another process may have created them since: kafkajs answers false then.
    if (missing.length) {
      await admin.createTopics({
        waitForLeaders: false,
        topics: missing.map(({ topic, numPartitions, config }) => ({
          topic,
          numPartitions,
          replicationFactor,
          configEntries: Object.entries({ ...config, ...safety }).map(([name, value]) => ({ name, value })),
        })),
      });
    }
    assertPartitions(wanted, await partitionsOf(admin, wanted));
    // Metadata names a leader a moment before it serves; a record sent in between would be refused.
    for (const { topic } of missing) await offsetsOf(admin, topic);
  } finally {
    await admin.disconnect();
  }
}

/** A topic that was just created is unknown for a moment, and then has no leader. */
async function partitionsOf(admin: Admin, wanted: WantedTopic[]): Promise<Map<string, number>> {
  const { topics } = await untilServed(() =>
    admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) }),
  );
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}

function assertPartitions(wanted: WantedTopic[], found: Map<string, number>): void {
  const wrong = wanted.filter(({ topic, numPartitions }) => found.get(topic) !== numPartitions);
  if (wrong.length === 0) return;
  const list = wrong.map(
    ({ topic, numPartitions }) => `${topic} has ${found.get(topic)}, its contract says ${numPartitions}`,
  );
  throw new Error(`Topics with another number of partitions: ${list.join('; ')}`);
}
