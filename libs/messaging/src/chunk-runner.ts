import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaMessage } from 'kafkajs';
import { classOf, isPoison, PoisonError } from './dead-letter.js';
import { decode, type Delivered } from './decode.js';
import type { DeadLetterClass } from './topics/dead-letters.js';
import type { Topic } from './topics/topic.js';

/**
 * Counts starts of a piece of work, so that a record which kills the process is found out.
 * Must survive the process: `PostgresAttemptStore` of libs/persistence does.
 */
export interface AttemptStore {
  /** Writes one more start before the work begins; answers how many were never ended, this one included. */
  begin(key: string): Promise<number>;
  /** The work came to an end, whichever: only a dead process leaves a start without an end. */
  end(key: string): Promise<void>;
}

export interface ChunkRunnerOptions {
  topic: Topic<object>;
  partition: number;
  handle: (batch: Delivered<object>[]) => Promise<void>;
  deadLetter: (message: KafkaMessage, reason: DeadLetterClass, error: unknown) => Promise<void>;
  /** False once the partition is no longer ours or the process stops: then nothing more is tried. */
  isWanted: () => boolean;
  onRetry: (error: unknown, attempt: number) => void;
  attempts?: AttemptStore | undefined;
  /** Names the consumer group, topic and partition. */
  attemptPrefix: string;
  /** Runs work of all partitions one after the other; at once by default. */
  inTurn?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
  /** Cuts waiting short. */
  signal?: AbortSignal | undefined;
  triesInPlace?: number | undefined;
  firstWaitMs?: number | undefined;
}

/** The work was given up half-way because the partition went elsewhere; its offsets stay as they were. */
export class GivenUp extends Error {}

/** An outage outlasted the tries in place: the records are to be delivered again later. */
export class Postponed extends Error {}

/** Seen so often without an outcome, a record is the one that ends the process. */
const KILLER_SIGHTINGS = 3;
const INVARIANT_TRIES = 3;
const TRIES_IN_PLACE = 5;
const FIRST_WAIT_MS = 200;

interface Item {
  message: KafkaMessage;
  delivered: Delivered<object>;
}

/** Hands one chunk of a partition to its handler and does not come back before every record has found its end. */
export class ChunkRunner {
  constructor(private readonly options: ChunkRunnerOptions) {}

  /** @throws GivenUp, Postponed: the offsets must not move */
  async run(messages: KafkaMessage[]): Promise<void> {
    const [first] = messages;
    if (!first) return;
    await this.counted(first.offset, async (sightings) => {
      if (sightings === 1) return this.handleAll(await this.decodeAll(messages));
      // The process died in the midst of these records: each stands for itself, until the guilty one is found.
      for (const message of messages) await this.runAlone(message);
    });
  }

  /** One suspect at a time in the whole process: one of another partition, in hand at that moment, is not to blame. */
  private runAlone(message: KafkaMessage): Promise<void> {
    const { inTurn = (work) => work() } = this.options;
    return inTurn(() =>
      this.counted(`${message.offset}!`, async (sightings) => {
        // This start is not a sighting yet, but the chunk's was one.
        if (sightings < KILLER_SIGHTINGS) await this.handleAll(await this.decodeAll([message]));
        else await this.setAside(message, 'killer', new Error(`Ended the process ${sightings} times`));
      }),
    );
  }

  private async counted(what: string, work: (sightings: number) => Promise<void>): Promise<void> {
    const { attempts, attemptPrefix } = this.options;
    if (!attempts) return work(1);
    const key = `${attemptPrefix}:${what}`;
    const sightings = await this.untilItWorks(() => attempts.begin(key));
    try {
      await work(sightings);
    } finally {
      // Forgotten is harmless: once its offset is committed, the key does not come back.
      await attempts.end(key).catch((error: unknown) => this.options.onRetry(error, 1));
    }
  }

  private async decodeAll(messages: KafkaMessage[]): Promise<Item[]> {
    const items: Item[] = [];
    for (const message of messages) {
      try {
        items.push({ message, delivered: decode(this.options.topic, message, this.options.partition) });
      } catch (error) {
        await this.setAside(message, error instanceof PoisonError ? error.deadLetterClass : 'decode', error);
      }
    }
    return items;
  }

  /** A batch that cannot be taken is halved until one record is to blame. */
  private async handleAll(items: Item[], invariantTries = 1): Promise<void> {
    if (items.length === 0) return;
    try {
      await this.untilItWorks(() => this.options.handle(items.map((item) => item.delivered)));
    } catch (error) {
      if (error instanceof GivenUp || error instanceof Postponed) throw error;
      await this.blame(items, error, invariantTries);
    }
  }

  private async blame(items: Item[], error: unknown, invariantTries: number): Promise<void> {
    const [only] = items;
    if (items.length > 1) {
      const middle = items.length >> 1;
      await this.handleAll(items.slice(0, middle));
      await this.handleAll(items.slice(middle));
    } else if (!(error instanceof PoisonError) && invariantTries < INVARIANT_TRIES) {
      await this.handleAll(items, invariantTries + 1);
    } else if (only) {
      await this.setAside(only.message, classOf(error), error);
    }
  }

  private setAside(message: KafkaMessage, reason: DeadLetterClass, error: unknown): Promise<void> {
    return this.untilItWorks(() => this.options.deadLetter(message, reason, error));
  }

  /** An outage is waited out in place for some seconds, heartbeats going on; then the partition rests. */
  private async untilItWorks<T>(act: () => Promise<T>): Promise<T> {
    const { triesInPlace = TRIES_IN_PLACE, firstWaitMs = FIRST_WAIT_MS, signal } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      if (!this.options.isWanted()) throw new GivenUp();
      try {
        return await act();
      } catch (error) {
        if (isPoison(error)) throw error;
        this.options.onRetry(error, attempt);
        if (attempt >= triesInPlace) throw new Postponed('An outage goes on', { cause: error });
        const ms = firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        await wait(ms, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
