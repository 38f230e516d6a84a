import { describe, expect, test } from '@jest/globals';
import { type KeyUse, KeyUses } from './key-uses.js';

const harness = () => {
  const batches: KeyUse[][] = [];
  const state = { now: 0, fails: false, errors: 0 };
  const uses = new KeyUses({
    now: () => new Date(state.now),
    flushMs: 3_600_000,
    tell: async (batch) => {
      if (state.fails) throw new Error('away');
      batches.push([...batch]);
    },
    onError: () => (state.errors += 1),
  });
  return { uses, state, batches };
};

describe('uses of keys', () => {
  test('a thousand requests of a minute are told of once, each key with where it came from', async () => {
    const { uses, state, batches } = harness();
    for (let i = 0; i < 1000; i += 1) uses.note('one', '192.0.2.1');
    uses.note('two', null);
    await uses.flush();
    state.now = 59_000;
    uses.note('one', '192.0.2.2');
    await uses.flush();
    state.now = 60_000;
    uses.note('one', '192.0.2.3');
    await uses.flush();
    expect(batches).toEqual([
      [
        { key: 'one', at: new Date(0), ip: '192.0.2.1' },
        { key: 'two', at: new Date(0), ip: null },
      ],
      [{ key: 'one', at: new Date(60_000), ip: '192.0.2.3' }],
    ]);
  });

  test('what could not be told waits and goes out later', async () => {
    const { uses, state, batches } = harness();
    state.fails = true;
    uses.note('one', null);
    await uses.flush();
    expect([batches, state.errors]).toEqual([[], 1]);
    state.fails = false;
    await uses.flush();
    expect(batches).toHaveLength(1);
  });

  test('a flood of keys takes no more memory than ten thousand', async () => {
    const { uses, batches } = harness();
    for (let i = 0; i < 25_000; i += 1) uses.note(`key-${i}`, null);
    await uses.flush();
    expect(batches[0]).toHaveLength(10_000);
  });
});
