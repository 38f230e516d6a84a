import { randomBytes } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import { eventually } from '../eventually.js';
import { asAdmin } from './offsets.js';
import type { System } from './system.js';

/** As any program might write it. */
export interface RawRecord {
  key: string;
  value: string;
  headers?: Record<string, string>;
}

export interface ReadRecord {
  key: string;
  value: string;
  headers: Record<string, string>;
}

function recordOf({ key, value, headers }: KafkaMessage): ReadRecord {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]);
  return {
    key: key?.toString() ?? '',
    value: value?.toString() ?? '',
    headers: Object.fromEntries(texts) as Record<string, string>,
  };
}

/** All that a topic holds now, each partition in its order. `topic` without prefix. */
export async function recordsOf({ kafka, prefix }: System, topic: string): Promise<ReadRecord[]> {
  const ends = await asAdmin(kafka, (admin) => admin.fetchTopicOffsets(prefix + topic));
  const left = new Map(
    ends.filter(({ high }) => high !== '0').map((end) => [end.partition, Number(end.high)]),
  );
  const read: ReadRecord[] = [];
  const consumer = kafka.consumer({ groupId: `${prefix}reader-${randomBytes(6).toString('hex')}` });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [prefix + topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        read.push(recordOf(message));
        if (Number(message.offset) + 1 >= (left.get(partition) ?? 0)) left.delete(partition);
      },
    });
    await eventually(() => left.size === 0, { timeoutMs: 30_000 });
  } finally {
    await consumer.disconnect();
  }
  return read;
}

/** Puts bytes into a topic as any program might. */
export async function produceRaw(
  { kafka, prefix }: System,
  topic: string,
  messages: RawRecord[],
): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({ topic: prefix + topic, acks: -1, messages });
  } finally {
    await producer.disconnect();
  }
}

export interface Overtaking {
  published: number;
  repeats: number;
  /** Events that left for the first time after something newer. */
  wrong: string[];
}

/**
 * How what was published of one job's events compares with the order in which they were stored. A repeat is no fault.
 * `topic` holds the events, or what was decided of them.
 */
export async function overtaken(
  system: System,
  job: string,
  topic = 'backup.events.v1',
): Promise<Overtaking> {
  const place = new Map((await system.eventIds(job)).map((id, index) => [id, index]));
  const seen = new Set<string>();
  const wrong: string[] = [];
  let newest = -1;
  let repeats = 0;
  for (const { headers } of await recordsOf(system, topic)) {
    const event = headers['causation-id'] ?? headers['id'] ?? '';
    const at = place.get(event);
    if (at === undefined) continue;
    if (seen.has(event)) repeats += 1;
    else if (at < newest) wrong.push(event);
    seen.add(event);
    newest = Math.max(newest, at);
  }
  return { published: seen.size, repeats, wrong };
}
