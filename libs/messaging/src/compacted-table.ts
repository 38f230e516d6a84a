import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Consumer, Kafka } from 'kafkajs';
import { decode } from './decode.js';
import type { Topic } from './topics/topic.js';

/** A compacted topic as a map in memory: every process reads the whole of it, and then what changes. */
export class CompactedTable<P extends object> {
  private readonly rows = new Map<string, P>();
  private readonly logger = new Logger('CompactedTable');
  private readonly consumer: Consumer;
  private readonly missing = new Map<number, bigint>();
  private ready: Promise<void>;
  private markReady: () => void = () => undefined;

  constructor(private readonly options: { kafka: Kafka; topic: Topic<P>; prefix?: string }) {
    this.ready = new Promise((done) => (this.markReady = done));
    this.consumer = options.kafka.consumer({
      // A group of its own for each process: all of them need all partitions.
      groupId: `${options.prefix ?? ''}table-${options.topic.name}-${randomUUID()}`,
      allowAutoTopicCreation: false,
      sessionTimeout: 30_000,
      maxWaitTimeInMs: 250,
      retry: { initialRetryTime: 200, maxRetryTime: 5000, retries: 8, restartOnFailure: async () => true },
    });
  }

  get(key: string): P | undefined {
    return this.rows.get(key);
  }

  get size(): number {
    return this.rows.size;
  }

  /** Resolves once everything that stood in the topic at the start has been read. */
  whenReady(): Promise<void> {
    return this.ready;
  }

  async start(): Promise<void> {
    const { kafka, topic, prefix = '' } = this.options;
    const name = prefix + topic.name;
    const admin = kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(name).finally(() => admin.disconnect());
    for (const { partition, high, low } of ends)
      if (BigInt(high) > BigInt(low)) this.missing.set(partition, BigInt(high));
    if (this.missing.size === 0) this.markReady();
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [name], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) {
          try {
            const { key, payload } = decode(topic, message, batch.partition);
            if (payload === null) this.rows.delete(key);
            else this.rows.set(key, payload);
          } catch (error) {
            this.logger.error(`${name}@${message.offset} cannot be read: ${String(error)}`);
          }
        }
        const end = this.missing.get(batch.partition);
        if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) this.missing.delete(batch.partition);
        if (this.missing.size === 0) this.markReady();
      },
    });
  }

  async close(): Promise<void> {
    await this.consumer.disconnect();
  }
}
