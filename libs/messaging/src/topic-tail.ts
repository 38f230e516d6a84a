import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { stringHeaders } from './decode.js';
import { untilServed } from './offsets.js';
import type { Topic } from './topics/topic.js';

/** A record as it passes by. */
export interface PassingRecord {
  /** Without prefix. */
  topic: string;
  key: string;
  value: Buffer | null;
  headers: Record<string, string>;
  /** When Kafka got it, milliseconds of the epoch. */
  atMs: number;
}

export interface TopicTailOptions {
  kafka: Kafka;
  prefix?: string;
  topics: readonly Topic<object>[];
  /** How far back it begins, from the clock given to `start`. */
  backMs: number;
  onRecord: (record: PassingRecord) => void;
  /** It ended by itself, and may be started anew. */
  onEnd: (error: unknown) => void;
}

/** What passes through topics from a while ago on, for who only listens: every process all of it, and nothing is kept. */
export class TopicTail {
  private consumer: Consumer | null = null;

  constructor(private readonly options: TopicTailOptions) {}

  async start(nowMs: number): Promise<void> {
    const { kafka, topics, prefix = '', backMs, onEnd } = this.options;
    const names = topics.map(({ name }) => prefix + name);
    const places = await this.placesAt(names, nowMs - backMs);
    const consumer = kafka.consumer({
      groupId: `${prefix}tail-${randomUUID()}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 200,
      retry: { retries: 5, restartOnFailure: async () => false },
    });
    this.consumer = consumer;
    consumer.on('consumer.crash', ({ payload }) => {
      if (this.consumer === consumer) onEnd(payload.error);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: names, fromBeginning: false });
    await consumer.run({ autoCommit: false, eachBatch: async (payload) => this.take(payload) });
    for (const place of places) consumer.seek(place);
  }

  async stop(): Promise<void> {
    const { consumer } = this;
    this.consumer = null;
    await consumer?.disconnect();
  }

  private async placesAt(names: readonly string[], fromMs: number) {
    const admin = this.options.kafka.admin();
    await admin.connect();
    try {
      const found = await Promise.all(
        names.map(async (topic) => {
          const offsets = await untilServed(() => admin.fetchTopicOffsetsByTimestamp(topic, fromMs));
          return offsets.map(({ partition, offset }) => ({ topic, partition, offset }));
        }),
      );
      return found.flat();
    } finally {
      await admin.disconnect();
    }
  }

  private take({ batch }: EachBatchPayload): void {
    const topic = batch.topic.slice((this.options.prefix ?? '').length);
    for (const message of batch.messages) this.options.onRecord(passing(topic, message));
  }
}

const passing = (topic: string, message: KafkaMessage): PassingRecord => ({
  topic,
  key: message.key?.toString() ?? '',
  value: message.value,
  headers: stringHeaders(message),
  atMs: Number(message.timestamp),
});
