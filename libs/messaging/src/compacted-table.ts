import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Batch, Consumer, Kafka, KafkaMessage } from 'kafkajs';
import { decode } from './decode.js';
import { offsetsOf } from './offsets.js';
import type { Topic } from './topics/topic.js';

export interface CompactedTableOptions<P extends object> {
  kafka: Kafka;
  topic: Topic<P>;
  prefix?: string;
  /** Whether a record takes the place of the one that is known; always, unless something else is said. */
  accepts?(next: P, known: P | undefined): boolean;
  /** The table cannot be kept up to date. Ends the process by default: an old table lies. */
  onFatal?: (error: unknown) => void;
}

/** A topic as a map of the newest record of each key, in memory: every process reads the whole of it, and then what changes. */
export class CompactedTable<P extends object> {
  private readonly rows = new Map<string, P>();
  private readonly logger = new Logger('CompactedTable');
  private readonly consumer: Consumer;
  private readonly missing = new Map<number, bigint>();
  /** Next offset by partition: after a reconnection the topic comes again from its beginning. */
  private readonly read = new Map<number, bigint>();
  private isClosing = false;
  private ready: Promise<void>;
  private markReady: () => void = () => undefined;

  constructor(private readonly options: CompactedTableOptions<P>) {
    this.ready = new Promise((done) => (this.markReady = done));
    this.consumer = options.kafka.consumer({
      // A group of its own for each process: all of them need all partitions.
      groupId: `${options.prefix ?? ''}table-${options.topic.name}-${randomUUID()}`,
      allowAutoTopicCreation: false,
      sessionTimeout: 30_000,
      maxWaitTimeInMs: 250,
      retry: {
        initialRetryTime: 200,
        maxRetryTime: 5000,
        retries: 8,
        restartOnFailure: async () => !this.isClosing,
      },
    });
  }

  get(key: string): P | undefined {
    return this.rows.get(key);
  }

  keys(): string[] {
    return [...this.rows.keys()];
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
    const ends = await offsetsOf(admin, name).finally(() => admin.disconnect());
    for (const { partition, high, low } of ends)
      if (BigInt(high) > BigInt(low)) this.missing.set(partition, BigInt(high));
    if (this.missing.size === 0) this.markReady();
    this.consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart && !this.isClosing) this.fatal(payload.error);
    });
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [name], fromBeginning: true });
    await this.consumer.run({ autoCommit: false, eachBatch: async ({ batch }) => this.take(batch) });
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.consumer.disconnect();
  }

  private take(batch: Batch): void {
    const next = this.read.get(batch.partition) ?? 0n;
    for (const message of batch.messages)
      if (BigInt(message.offset) >= next) this.apply(message, batch.partition);
    const end = BigInt(batch.lastOffset()) + 1n;
    if (end > next) this.read.set(batch.partition, end);
    const missing = this.missing.get(batch.partition);
    if (missing !== undefined && end >= missing) this.missing.delete(batch.partition);
    if (this.missing.size === 0) this.markReady();
  }

  private apply(message: KafkaMessage, partition: number): void {
    const { topic } = this.options;
    try {
      const { key, payload } = decode(topic, message, partition);
      if (payload === null) this.rows.delete(key);
      else if (this.options.accepts?.(payload, this.rows.get(key)) ?? true) this.rows.set(key, payload);
      else this.logger.error(`${topic.name}/${partition}@${message.offset} is not accepted`);
    } catch (error) {
      this.logger.error(`${topic.name}/${partition}@${message.offset} cannot be read: ${String(error)}`);
    }
  }

  private fatal(error: unknown): void {
    this.logger.error(`${this.options.topic.name} can no longer be read: ${String(error)}`);
    if (this.options.onFatal) this.options.onFatal(error);
    else process.exit(1);
  }
}
