import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { Batcher } from './batcher.js';

/** Runs whose end the test decides. */
function held() {
  const runs: { items: readonly number[]; end: () => void }[] = [];
  const run = (items: readonly number[]) =>
    new Promise<number[]>((done) => runs.push({ items, end: () => done(items.map((item) => item * 10)) }));
  return { runs, run };
}

const turn = () => new Promise((done) => setImmediate(done));

describe('Batcher', () => {
  it('does together what comes in one turn, and answers each', async () => {
    const runs: number[][] = [];
    const batcher = new Batcher<number, number>({
      run: async (items) => {
        runs.push([...items]);
        return items.map((item) => item * 10);
      },
    });
    await expect(Promise.all([1, 2, 3].map((item) => batcher.add(item)))).resolves.toEqual([10, 20, 30]);
    expect(runs).toEqual([[1, 2, 3]]);
  });

  it('gathers what comes while its slot is busy', async () => {
    const { runs, run } = held();
    const batcher = new Batcher<number, number>({ run });
    const first = batcher.add(1);
    await turn();
    const others = [batcher.add(2), batcher.add(3)];
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1]]);
    runs[0]?.end();
    await first;
    // The batch's end frees the slot, and what waits goes out in the turn after.
    await turn();
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    runs[1]?.end();
    await expect(Promise.all(others)).resolves.toEqual([20, 30]);
  });

  it('keeps a batch within its weight, and takes a single item whatever it weighs', async () => {
    const runs: number[][] = [];
    const batcher = new Batcher<number, number>({
      run: async (items) => {
        runs.push([...items]);
        return items;
      },
      maxBatch: 5,
      weigh: (item) => item,
    });
    await Promise.all([9, 2, 3, 1].map((item) => batcher.add(item)));
    expect(runs).toEqual([[9], [2, 3], [1]]);
  });

  it('tries each item for itself after a failure that only one of them may have caused', async () => {
    const run = async (items: readonly number[]) => {
      if (items.includes(2)) throw new Error('two is bad');
      return items;
    };
    const batcher = new Batcher<number, number>({ run, isSplit: () => true });
    const ends = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it("runs in nobody's context, and answers each caller in its own", async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const batcher = new Batcher<number, number>({
      run: async (items) => {
        seen.push(context.getStore());
        return items;
      },
    });
    const ask = (who: string) => context.run(who, () => batcher.add(1).then(() => context.getStore()));
    await expect(Promise.all([ask('one'), ask('two')])).resolves.toEqual(['one', 'two']);
    expect(seen).toEqual([undefined]);
  });

  it('fails all of a batch when nothing says that they differ', async () => {
    const run = async (): Promise<number[]> => {
      throw new Error('away');
    };
    const batcher = new Batcher<number, number>({ run });
    const ends = await Promise.allSettled([1, 2].map((item) => batcher.add(item)));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
