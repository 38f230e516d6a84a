import { setTimeout as wait } from 'node:timers/promises';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { isObservable, lastValueFrom } from 'rxjs';
import { Batcher } from './batcher.js';
import { ChunkRunner, GivenUp, Postponed } from './chunk-runner.js';
import { ConsumerLag } from './consumer-lag.js';
import { crashPoint } from './crash-point.js';
import { deadLetterOf, PoisonError } from './dead-letter.js';
import { OVERTAKEN_HEADER, type Replayer, type StoredRecord } from './dead-letter-store.js';
import { decode, type Delivered } from './decode.js';
import { assertComplete } from './handlers.js';
import type { KafkaBatchServerOptions } from './kafka-batch-options.js';
import { Failed, KAFKA_BATCH } from './on-topic.js';
import { type DeadLetterClass, deadLetterTopic } from './topics/dead-letters.js';
import { TOPICS } from './topics/index.js';
import type { Topic } from './topics/topic.js';

const HEARTBEAT_MS = 1000;
const REST_MS = 5000;
const LONGEST_REST_MS = 30_000;
const PACE_MS = 20;
const CHUNK_SIZE = 500;

interface Place {
  topic: string;
  partition: number;
  offset: string;
}

/** Nest's transport over kafkajs `eachBatch`: at least once, in order, offsets committed after the effect. */
export class KafkaBatchServer extends Server implements CustomTransportStrategy, Replayer {
  override readonly transportId = KAFKA_BATCH;
  private readonly consumer: Consumer;
  private readonly prefix: string;
  private readonly topics: Map<string, Topic<object>>;
  private readonly closing = new AbortController();
  /** How long a partition rested last, by its topic and number. */
  private readonly rests = new Map<string, number>();
  private readonly busy = new Set<Promise<void>>();
  private readonly lag: ConsumerLag | null;
  private lastTurn: Promise<unknown> = Promise.resolve();
  /** By topic: what several partitions bring at the same time is one call of the handler. */
  private readonly gathered = new Map<string, Batcher<Delivered<object>[], void>>();
  private readonly commits = new Batcher<Place, void>({
    run: async (places) => {
      await this.consumer.commitOffsets([...places]);
      return [];
    },
  });

  constructor(private readonly options: KafkaBatchServerOptions) {
    super();
    this.prefix = options.prefix ?? '';
    const all = TOPICS as readonly Topic<object>[];
    const mine =
      (options.topics as Topic<object>[] | undefined) ??
      all.filter((topic) => topic.consumers.includes(options.service) && !options.tables?.includes(topic));
    this.topics = new Map(mine.map((topic) => [this.prefix + topic.name, topic]));
    this.consumer = options.kafka.consumer({
      groupId: this.prefix + options.groupId,
      sessionTimeout: options.sessionTimeoutMs ?? 10_000,
      heartbeatInterval: 3000,
      rebalanceTimeout: 60_000,
      maxBytesPerPartition: 512 * 1024,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 200,
        maxRetryTime: 5000,
        retries: 8,
        restartOnFailure: async () => !this.closing.signal.aborted,
      },
    });
    this.lag = ConsumerLag.of(options, this.prefix + options.groupId, this.topics);
  }

  /** Called by Nest. Joins the group; records flow from then on. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      assertComplete(this.options.service, [...this.topics.values()], this.handled());
      this.consumer.on('consumer.crash', ({ payload }) => {
        if (!payload.restart && !this.closing.signal.aborted) this.fatal(payload.error);
      });
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...this.topics.keys()], fromBeginning: true });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.options.concurrency ?? 12,
        eachBatch: (payload) => this.track(this.onBatch(payload)),
      });
      this.lag?.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Leaves the group at once; what a handler has begun is finished first. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.busy);
    await this.lag?.stop();
    await this.consumer.disconnect();
  }

  /** Handles one record that was set aside, as if it came now. @throws PoisonError where it still cannot be taken */
  async replay(record: StoredRecord, { isOvertaken } = { isOvertaken: false }): Promise<void> {
    const topic = this.topics.get(this.prefix + record.topic);
    if (!topic) throw new PoisonError(`Nothing here takes ${record.topic} any more`);
    // An old state would take the place of the newest one.
    if (topic.compacted)
      throw new PoisonError(`${record.topic} tells of states: have the newest ones published anew instead`);
    const headers = { ...record.headers, ...(isOvertaken && { [OVERTAKEN_HEADER]: 'true' }) };
    const message = { ...record, headers } as unknown as KafkaMessage;
    await this.handle(topic, [decode(topic, message, record.partition)]);
  }

  override on(): void {
    throw new Error('KafkaBatchServer hands no events out');
  }

  override unwrap<T>(): T {
    return this.consumer as T;
  }

  /** Nest chains a second handler of the same pattern behind the first. */
  private handled(): string[] {
    const names: string[] = [];
    for (const [name, first] of this.messageHandlers)
      for (let handler: typeof first | undefined = first; handler; handler = handler.next) names.push(name);
    return names;
  }

  private track(work: Promise<void>): Promise<void> {
    this.busy.add(work);
    return work.finally(() => this.busy.delete(work));
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const topic = this.topics.get(batch.topic);
    if (!topic) return;
    let isLost = false;
    const cameAt = performance.now();
    const isWanted = () =>
      payload.isRunning() && !payload.isStale() && !isLost && !this.closing.signal.aborted;
    const heart = setInterval(() => {
      payload.heartbeat().catch(() => (isLost = true));
    }, HEARTBEAT_MS);
    try {
      const size = this.options.chunkSize ?? CHUNK_SIZE;
      for (let at = 0; at < batch.messages.length && isWanted(); at += size) {
        const chunk = batch.messages.slice(at, at + size);
        const startedAt = performance.now();
        await this.runner(topic, batch.partition, isWanted).run(chunk);
        const isLast = at + size >= batch.messages.length;
        // Control records stand behind the last message, hence lastOffset().
        const done = isLast ? batch.lastOffset() : (chunk.at(-1) as KafkaMessage).offset;
        await this.commit(payload, done);
        this.options.observe?.handled?.(topic.name, chunk.length, performance.now() - startedAt);
      }
    } catch (error) {
      if (error instanceof Postponed) this.rest(payload);
      else if (!(error instanceof GivenUp)) throw error;
    } finally {
      clearInterval(heart);
    }
    await this.pace(cameAt);
  }

  /** Costs a record that comes alone nothing: it is only the fetch after it that waits. */
  private async pace(cameAt: number): Promise<void> {
    const ms = (this.options.paceMs ?? PACE_MS) - (performance.now() - cameAt);
    const { signal } = this.closing;
    if (ms >= 1 && !signal.aborted) await wait(ms, undefined, { signal }).catch(() => undefined);
  }

  /** The others go on meanwhile; throwing instead would make the whole group join anew. */
  private rest(payload: EachBatchPayload): void {
    const { batch } = payload;
    const place = `${batch.topic}/${batch.partition}`;
    const ms = this.rests.get(place) ?? this.options.restMs ?? REST_MS;
    this.rests.set(place, Math.min(LONGEST_REST_MS, ms * 2));
    const resume = payload.pause();
    void wait(ms, undefined, { signal: this.closing.signal }).then(resume, () => undefined);
  }

  private async commit(payload: EachBatchPayload, done: string): Promise<void> {
    const { batch } = payload;
    this.rests.delete(`${batch.topic}/${batch.partition}`);
    payload.resolveOffset(done);
    const offset = String(BigInt(done) + 1n);
    await this.commits.add({ topic: batch.topic, partition: batch.partition, offset });
  }

  private runner(topic: Topic<object>, partition: number, isWanted: () => boolean): ChunkRunner {
    return new ChunkRunner({
      topic,
      partition,
      isWanted,
      handle: (batch) => this.gather(topic, batch),
      deadLetter: (message, reason, error) => this.deadLetter(topic, partition, message, reason, error),
      onRetry: (error, attempt) => {
        this.options.observe?.retried?.(topic.name, error);
        // One line a round: an outage is one fact.
        if (attempt === 1) this.logger.warn(`${topic.name}/${partition} will be repeated: ${String(error)}`);
      },
      attempts: this.options.attempts,
      triesInPlace: this.options.triesInPlace,
      inTurn: (work) => this.inTurn(work),
      signal: this.closing.signal,
      attemptPrefix: `${this.options.groupId}:${this.prefix}${topic.name}:${partition}`,
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.lastTurn.then(work);
    this.lastTurn = mine.catch(() => undefined);
    return mine;
  }

  /** Whatever goes wrong with several partitions' records, each partition's are tried for themselves then. */
  private gather(topic: Topic<object>, batch: Delivered<object>[]): Promise<void> {
    let gathered = this.gathered.get(topic.name);
    if (!gathered) {
      gathered = new Batcher<Delivered<object>[], void>({
        run: async (parts) => {
          await this.handle(topic, parts.flat());
          return [];
        },
        maxBatch: this.options.chunkSize ?? CHUNK_SIZE,
        weigh: (part) => part.length,
        isSplit: () => true,
      });
      this.gathered.set(topic.name, gathered);
    }
    return gathered.add(batch);
  }

  private async handle(topic: Topic<object>, batch: Delivered<object>[]): Promise<void> {
    const handler = this.messageHandlers.get(topic.name);
    if (!handler) throw new Error(`Nothing handles ${topic.name}`);
    for (const { envelope } of batch) crashPoint('consumer.record', envelope.id);
    const answer: unknown = await handler(batch, undefined);
    const result: unknown = isObservable(answer)
      ? await lastValueFrom(answer, { defaultValue: undefined })
      : answer;
    if (result instanceof Failed) throw result.error;
  }

  private async deadLetter(
    topic: Topic<object>,
    partition: number,
    message: KafkaMessage,
    reason: DeadLetterClass,
    error: unknown,
  ): Promise<void> {
    const { key, value, headers = {}, offset } = message;
    const said = error instanceof Error ? error.message : String(error);
    const from = { topic: topic.name, partition, offset };
    // First where it can be handled again from; the same record twice is one letter there.
    await this.options.deadLetters?.keep({ ...from, key, value, headers, reason, error: said });
    const letter = deadLetterOf(message, from, reason, error);
    await this.options.publisher.sendRaw(this.prefix + deadLetterTopic(this.options.service), letter);
    this.options.observe?.deadLettered?.(topic.name, reason);
    this.logger.error(`${topic.name}/${partition}@${message.offset} set aside (${reason}): ${String(error)}`);
  }

  private fatal(error: unknown): void {
    this.logger.error(`The consumer cannot go on: ${String(error)}`);
    if (this.options.onFatal) this.options.onFatal(error);
    else process.exit(1);
  }
}
