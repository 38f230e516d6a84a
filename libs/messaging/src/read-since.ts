import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Batch, Kafka, KafkaMessage } from 'kafkajs';
import { decode, type Delivered } from './decode.js';
import { offsetsOf, untilServed } from './offsets.js';
import type { Topic } from './topics/topic.js';

export interface ReadSinceOptions<P extends object> {
  kafka: Kafka;
  topic: Topic<P>;
  prefix?: string;
  /** Milliseconds of the epoch: what Kafka got then or later is read. */
  fromMs: number;
  /** Takes records of one partition in their order; nothing goes on before it has. */
  onRecords: (records: Delivered<P>[]) => Promise<void>;
}

/** Offsets: the first to read, and the one after the last. */
interface Stretch {
  start: bigint;
  end: bigint;
}

/**
 * Reads once what a topic holds from a moment on, up to what it holds now. No group keeps a place of it. Answers how many records
 * could not be read, which are in the log. @throws what `onRecords` or Kafka throws
 */
export async function readSince<P extends object>(options: ReadSinceOptions<P>): Promise<number> {
  const { kafka, topic, prefix = '' } = options;
  const name = prefix + topic.name;
  const left = await stretchesOf(kafka, name, options.fromMs);
  if (left.size === 0) return 0;
  const consumer = kafka.consumer({
    groupId: `${prefix}read-${topic.name}-${randomUUID()}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 250,
    retry: { restartOnFailure: async () => false },
  });
  const reader = new Reader(options, left);
  consumer.on('consumer.crash', ({ payload }) => reader.fail(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [name], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: ({ batch }) => reader.take(batch) });
    for (const [partition, { start }] of left)
      consumer.seek({ topic: name, partition, offset: String(start) });
    await reader.done;
  } finally {
    await consumer.disconnect();
  }
  return reader.unreadable;
}

async function stretchesOf(kafka: Kafka, name: string, fromMs: number): Promise<Map<number, Stretch>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = new Map((await offsetsOf(admin, name)).map(({ partition, high }) => [partition, high]));
    const starts = await untilServed(() => admin.fetchTopicOffsetsByTimestamp(name, fromMs));
    const stretches = starts.map(({ partition, offset }): [number, Stretch] => [
      partition,
      { start: BigInt(offset), end: BigInt(ends.get(partition) ?? 0) },
    ]);
    return new Map(stretches.filter(([, { start, end }]) => start < end));
  } finally {
    await admin.disconnect();
  }
}

class Reader<P extends object> {
  readonly done: Promise<void>;
  unreadable = 0;
  fail: (error: unknown) => void = () => undefined;
  private finish: () => void = () => undefined;
  private readonly logger = new Logger('ReadSince');

  constructor(
    private readonly options: ReadSinceOptions<P>,
    private readonly left: Map<number, Stretch>,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    // Who waits for it is told; before that nobody has to be.
    this.done.catch(() => undefined);
  }

  async take(batch: Batch): Promise<void> {
    const stretch = this.left.get(batch.partition);
    if (!stretch) return;
    const { start, end } = stretch;
    const wanted = batch.messages.filter(({ offset }) => BigInt(offset) >= start && BigInt(offset) < end);
    const records = wanted.flatMap((message) => this.read(message, batch.partition));
    try {
      if (records.length > 0) await this.options.onRecords(records);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    // What comes again after a rebalance was handed over already.
    const next = BigInt(batch.lastOffset()) + 1n;
    if (next >= end) this.left.delete(batch.partition);
    else if (next > start) this.left.set(batch.partition, { start: next, end });
    if (this.left.size === 0) this.finish();
  }

  private read(message: KafkaMessage, partition: number): Delivered<P>[] {
    try {
      return [decode(this.options.topic, message, partition)];
    } catch (error) {
      this.unreadable += 1;
      this.logger.error(`${this.options.topic.name}/${partition}@${message.offset}: ${String(error)}`);
      return [];
    }
  }
}
