import { describe, expect, it } from '@jest/globals';
import { GroupWriter, type GroupWriterOptions, OverloadedError } from './group-writer.js';

interface Group {
  rows: readonly number[];
  finish: () => void;
  fail: (error: unknown) => void;
}

function writerWith(options: Partial<GroupWriterOptions<number, string>> = {}) {
  const groups: Group[] = [];
  const writer = new GroupWriter<number, string>({
    write: (rows) =>
      new Promise((resolve, reject) =>
        groups.push({ rows, finish: () => resolve(rows.map(String)), fail: reject }),
      ),
    compare: (a, b) => a - b,
    isDataError: (error) => (error as Error).message === 'data',
    ...options,
  });
  return { writer, groups };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a group writer', () => {
  it('writes at once what waits while a slot is free, then all that came meanwhile, sorted', async () => {
    const { writer, groups } = writerWith({ slots: 1 });
    const first = writer.add(5);
    await turn();
    const others = [writer.add(3), writer.add(1), writer.add(2)];
    await turn();
    expect(groups.map(({ rows }) => rows)).toEqual([[5]]);
    groups[0]?.finish();
    await expect(first).resolves.toBe('5');
    await turn();
    expect(groups[1]?.rows).toEqual([1, 2, 3]);
    groups[1]?.finish();
    await expect(Promise.all(others)).resolves.toEqual(['3', '1', '2']);
    await writer.stop();
  });

  it('writes row by row when the data of one row is at fault, so that only that row is refused', async () => {
    const bad = new Error('data');
    const { writer } = writerWith({
      write: async (rows) => {
        if (rows.includes(2)) throw bad;
        return rows.map(String);
      },
    });
    const results = await Promise.allSettled([writer.add(1), writer.add(2), writer.add(3)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await writer.stop();
  });

  it('refuses what waits behind a store that is down, and what exceeds the queue', async () => {
    const { writer, groups } = writerWith({ slots: 1, maxQueued: 1 });
    const first = writer.add(1);
    await turn();
    const second = writer.add(2);
    await expect(writer.add(3)).rejects.toMatchObject({ reason: 'queue_full' });
    groups[0]?.fail(new Error('ECONNREFUSED'));
    await expect(first).rejects.toThrow('ECONNREFUSED');
    await expect(second).rejects.toThrow('ECONNREFUSED');
    await writer.stop();
  });

  it('refuses a row that waits too long while the store hangs', async () => {
    const { writer, groups } = writerWith({ maxWaitMs: 100 });
    await expect(writer.add(1)).rejects.toBeInstanceOf(OverloadedError);
    groups[0]?.finish();
    await writer.stop();
  });

  it('finishes what it has taken when it is stopped, and takes nothing more', async () => {
    const { writer } = writerWith({ write: async (rows) => rows.map(String) });
    const taken = writer.add(1);
    const stopped = writer.stop();
    await expect(writer.add(2)).rejects.toMatchObject({ reason: 'stopping' });
    await expect(taken).resolves.toBe('1');
    await stopped;
  });
});
