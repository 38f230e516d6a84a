import { beforeEach, describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import {
  type AttemptStore,
  ChunkRunner,
  type ChunkRunnerOptions,
  GivenUp,
  Postponed,
} from './chunk-runner.js';
import { PoisonError } from './dead-letter.js';
import { accountsPartners, type PartnerPayload } from './topics/accounts-partners.js';

const ID = '0190b7a0-0000-7000-8000-000000000001';

function message(name: string, offset: number): KafkaMessage {
  return {
    key: Buffer.from('k'),
    value: Buffer.from(JSON.stringify({ partnerId: ID, name, isSuspended: false })),
    headers: { id: `e${offset}`, 'occurred-at': '2026-11-21T00:00:00.000Z', 'partner-id': ID },
    offset: String(offset),
  } as unknown as KafkaMessage;
}

const messages = (names: string[]) => names.map(message);

/** Outlives the "process", as a table does. */
class Attempts implements AttemptStore {
  readonly starts = new Map<string, number>();
  async begin(key: string): Promise<number> {
    const starts = (this.starts.get(key) ?? 0) + 1;
    this.starts.set(key, starts);
    return starts;
  }
  async end(key: string): Promise<void> {
    this.starts.delete(key);
  }
}

/** What a process leaves behind that dies: nothing it began comes to an end, not even a `finally`. */
const never = new Promise<never>(() => undefined);

describe('one chunk of records', () => {
  let taken: string[];
  let letters: [string, string][];
  let retries: number;
  beforeEach(() => {
    taken = [];
    letters = [];
    retries = 0;
  });

  function runner(act: (names: string[]) => unknown, more: Partial<ChunkRunnerOptions> = {}): ChunkRunner {
    return new ChunkRunner({
      topic: accountsPartners,
      partition: 0,
      attemptPrefix: 'g:t:0',
      firstWaitMs: 1,
      isWanted: () => true,
      onRetry: () => void (retries += 1),
      deadLetter: async ({ offset }, reason) => void letters.push([offset, reason]),
      handle: async (batch) => {
        const names = batch.map(({ payload }) => (payload as PartnerPayload).name);
        await act(names);
        taken.push(...names);
      },
      ...more,
    });
  }

  const names = Array.from({ length: 64 }, (_, i) => `n${i}`);

  it('goes to its handler whole and in order', async () => {
    const sizes: number[] = [];
    await runner((given) => sizes.push(given.length)).run(messages(names));
    expect(sizes).toEqual([64]);
    expect(taken).toEqual(names);
  });

  it('loses one record to the poison in it, found by halving, and keeps the order of the others', async () => {
    let calls = 0;
    await runner((given) => {
      calls += 1;
      if (given.includes('n41')) throw new PoisonError('no', 'definitive-remote');
    }).run(messages(names));
    expect(letters).toEqual([['41', 'definitive-remote']]);
    expect(taken).toEqual(names.filter((name) => name !== 'n41'));
    expect(calls).toBe(13);
  });

  it('tries a bug of ours three times before it gives the record up', async () => {
    let calls = 0;
    await runner(() => {
      calls += 1;
      throw new TypeError('x is undefined');
    }).run(messages(['only']));
    expect(calls).toBe(3);
    expect(letters).toEqual([['0', 'invariant']]);
  });

  it('sets aside what cannot be read and hands on the rest', async () => {
    const [a, b, c] = messages(['a', 'b', 'c']) as [KafkaMessage, KafkaMessage, KafkaMessage];
    await runner(() => undefined).run([a, { ...b, value: Buffer.from('{') }, c]);
    expect(letters).toEqual([['1', 'decode']]);
    expect(taken).toEqual(['a', 'c']);
  });

  it('waits a short outage out', async () => {
    await runner(() => {
      if (retries < 3) throw new Error('connection refused');
    }).run(messages(['a']));
    expect(taken).toEqual(['a']);
    expect(letters).toEqual([]);
  });

  it('postpones a long outage and sets nothing aside, whoever is down', async () => {
    const down = async () => Promise.reject(new Error('connection refused'));
    await expect(runner(down).run(messages(['a', 'b']))).rejects.toThrow(Postponed);
    const poisoned = runner(() => {
      throw new PoisonError('no');
    }, { deadLetter: down }); // prettier-ignore
    await expect(poisoned.run(messages(['a']))).rejects.toThrow(Postponed);
    const uncounted = runner(() => undefined, { attempts: { begin: down, end: down } });
    await expect(uncounted.run(messages(['a']))).rejects.toThrow(Postponed);
    expect(letters).toEqual([]);
    expect(taken).toEqual([]);
  });

  it('gives up at once when the partition went elsewhere', async () => {
    let isWanted = true;
    const given = runner(
      () => {
        isWanted = false;
        throw new Error('connection refused');
      },
      { isWanted: () => isWanted },
    );
    await expect(given.run(messages(['a']))).rejects.toThrow(GivenUp);
    expect(retries).toBe(1);
  });

  it('does not wait for an outage once the process stops', async () => {
    const stop = new AbortController();
    const act = () => {
      stop.abort();
      throw new Error('connection refused');
    };
    const given = runner(act, {
      firstWaitMs: 1e6,
      signal: stop.signal,
      isWanted: () => !stop.signal.aborted,
    });
    await expect(given.run(messages(['a']))).rejects.toThrow(GivenUp);
  });

  describe('that ends the process', () => {
    const tick = () => new Promise((done) => setImmediate(done));

    /** Runs the chunk in a process that dies at `killer`; answers whether it came through. */
    async function oneLife(attempts: Attempts, chunk: KafkaMessage[], killer: string): Promise<boolean> {
      const life = runner((given) => (given.includes(killer) ? never : undefined), { attempts }).run(chunk);
      let isOver = false;
      void life.then(() => (isOver = true));
      for (let i = 0; i < 200 && !isOver; i += 1) await tick();
      return isOver;
    }

    it('is found out after three sightings; its neighbours are handled', async () => {
      const attempts = new Attempts();
      const chunk = messages(names.slice(0, 8));
      const lives = [];
      for (let i = 0; i < 4; i += 1) lives.push(await oneLife(attempts, chunk, 'n5'));
      expect(lives).toEqual([false, false, false, true]);
      expect(letters).toEqual([['5', 'killer']]);
      expect(new Set(taken)).toEqual(new Set(names.slice(0, 8).filter((name) => name !== 'n5')));
      expect(attempts.starts.size).toBe(0);
    });

    it('is found out even when its chunk grows between the restarts', async () => {
      const attempts = new Attempts();
      const lives = [];
      for (let i = 0; i < 4; i += 1)
        lives.push(await oneLife(attempts, messages(names.slice(0, 4 + i)), 'n3'));
      expect(lives).toEqual([false, false, false, true]);
      expect(letters).toEqual([['3', 'killer']]);
    });

    it('is told from a record of another partition that was in hand each time', async () => {
      const attempts = new Attempts();
      for (let life = 0; life < 4; life += 1) {
        let isDead = false;
        let lastTurn: Promise<unknown> = Promise.resolve();
        const act = (given: string[]) => {
          isDead ||= given.includes('killer');
          return isDead ? never : undefined;
        };
        const partition = (attemptPrefix: string) =>
          runner(act, {
            attempts,
            attemptPrefix,
            inTurn: (work) => {
              const mine = lastTurn.then(work);
              lastTurn = mine;
              return mine;
            },
          });
        void partition('g:t:0').run([message('killer', 0)]);
        void partition('g:t:1').run([message('innocent', 1)]);
        for (let i = 0; i < 200; i += 1) await tick();
      }
      expect(letters).toEqual([['0', 'killer']]);
      expect(taken).toEqual(['innocent']);
    });

    it('is not confused with an outage, however many restarts fall into it', async () => {
      const attempts = new Attempts();
      const down = () => Promise.reject(new Error('connection refused'));
      for (let i = 0; i < 10; i += 1)
        await expect(runner(down, { attempts }).run(messages(['a']))).rejects.toThrow(Postponed);
      await runner(() => undefined, { attempts }).run(messages(['a']));
      expect(letters).toEqual([]);
      expect(taken).toEqual(['a']);
    });
  });
});
