import { describe, expect, test } from '@jest/globals';
import { Problem } from '../problems/problem.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { etagOf, requireIfMatch } from './etag.js';
import {
  type IdempotencyClaim,
  type IdempotencyScope,
  idempotently,
  type IdempotencyStore,
  type StoredAnswer,
} from './idempotency.js';
import { openBody, sealBody } from './sealed-answer.js';
import { pageOf } from './page.js';

function statusOf(work: () => unknown): number {
  try {
    work();
    return 200;
  } catch (error) {
    return error instanceof Problem ? error.status : 500;
  }
}

describe('cursors', () => {
  const cursor = encodeCursor(['2026-11-21T00:00:00.000Z', 'abc', 7, null]);

  test('come back as the values they hold', () => {
    expect(decodeCursor(cursor)).toEqual(['2026-11-21T00:00:00.000Z', 'abc', 7, null]);
  });

  test('any changed character is a 400', () => {
    const changed = [...cursor].map(
      (c, i) => `${cursor.slice(0, i)}${c === 'A' ? 'B' : 'A'}${cursor.slice(i + 1)}`,
    );
    expect(changed.map((each) => statusOf(() => decodeCursor(each)))).toEqual(changed.map(() => 400));
  });

  test.each(['', 'x', '!!!', 'e30', `${cursor}=`, `${cursor}A`, 'A'.repeat(5000)])('%p is a 400', (given) => {
    expect(statusOf(() => decodeCursor(given))).toBe(400);
  });
});

describe('ETags', () => {
  test('do not depend on the order of keys, and do on values', () => {
    expect(etagOf({ a: 1, b: { c: 2, d: [1, 2] } })).toBe(etagOf({ b: { d: [1, 2], c: 2 }, a: 1 }));
    expect(etagOf({ a: 1 })).not.toBe(etagOf({ a: 2 }));
    expect(etagOf([1, 2])).not.toBe(etagOf([2, 1]));
  });

  test.each([
    [undefined, 428],
    ['', 428],
    ['"stale"', 412],
    ['W/"now"', 412],
    ['"now"', 200],
    ['"old", "now"', 200],
    ['*', 200],
  ])('If-Match %p gives %i', (header, status) => {
    expect(statusOf(() => requireIfMatch(header, '"now"'))).toBe(status);
  });
});

test('a page without a count has no total', () => {
  expect(pageOf([1], 'next')).toEqual({ items: [1], nextCursor: 'next' });
  expect(pageOf([1], null, 10_000)).toEqual({ items: [1], nextCursor: null, total: 10_000 });
  expect(pageOf([1], null, 10_001)).toEqual({
    items: [1],
    nextCursor: null,
    total: 10_000,
    totalIsExact: false,
  });
});

class MemoryStore implements IdempotencyStore {
  private readonly rows = new Map<string, IdempotencyClaim>();
  async claim(scope: object): Promise<IdempotencyClaim> {
    const id = JSON.stringify(scope);
    const known = this.rows.get(id);
    if (!known) this.rows.set(id, { state: 'running' });
    return known ?? { state: 'new' };
  }
  async finish(scope: object, bodyHash: string, answer: StoredAnswer): Promise<void> {
    this.rows.set(JSON.stringify(scope), { state: 'done', bodyHash, answer });
  }
  async release(scope: object): Promise<void> {
    this.rows.delete(JSON.stringify(scope));
  }
}

describe('Idempotency-Key', () => {
  const store = new MemoryStore();
  let runs = 0;
  const run = (
    header: string | undefined,
    body: object,
    work?: () => Promise<StoredAnswer>,
  ): Promise<StoredAnswer> =>
    idempotently(
      store,
      { partnerId: 'p', route: 'POST /x', header, body },
      work ?? (async () => ({ status: 201, body: ++runs, headers: {} })),
    );

  test('the same body gets the same answer, another body 422', async () => {
    const first = await run('k1', { a: 1 });
    const again = await run('k1', { a: 1 });
    expect(again).toMatchObject({
      status: 201,
      body: first.body,
      headers: { 'idempotency-replayed': 'true' },
    });
    await expect(run('k1', { a: 2 })).rejects.toMatchObject({ status: 422 });
  });

  test('without the header each request runs', async () => {
    expect((await run(undefined, {})).body).not.toBe((await run(undefined, {})).body);
  });

  test('while the first still runs the second is a 409, and after a failure the key is free again', async () => {
    await expect(
      run('k2', {}, async () => {
        await expect(run('k2', {})).rejects.toMatchObject({ status: 409 });
        throw new Error('down');
      }),
    ).rejects.toThrow('down');
    await expect(run('k2', {})).resolves.toMatchObject({ status: 201 });
  });

  describe('with an answer that holds a secret', () => {
    const stored: string[] = [];
    class WatchedStore extends MemoryStore {
      override finish(scope: IdempotencyScope, bodyHash: string, answer: StoredAnswer): Promise<void> {
        stored.push(JSON.stringify({ scope, bodyHash, answer }));
        return super.finish(scope, bodyHash, answer);
      }
    }
    const watched = new WatchedStore();
    const ask = (header: string, sealedWith = 'service key', partnerId = 'p'): Promise<StoredAnswer> =>
      idempotently(watched, { partnerId, route: 'POST /keys', header, body: {}, sealedWith }, async () => ({
        status: 201,
        body: { key: 'open sesame' },
        headers: { location: '/x' },
      }));

    test('who repeats the request gets the same answer; what is kept holds neither it nor the Idempotency-Key', async () => {
      await ask('my-own-key');
      const again = await ask('my-own-key');
      expect(again).toMatchObject({ body: { key: 'open sesame' }, headers: { location: '/x' } });
      expect(stored).toHaveLength(1);
      expect(stored[0]).not.toMatch(/sesame|my-own-key/);
    });

    test('a copy of the table is opened neither with another service key, nor in another place, nor when changed', async () => {
      await expect(ask('my-own-key', 'another key')).rejects.toMatchObject({ status: 409 });
      const place = { partnerId: 'p', route: 'POST /keys', key: 'my-own-key' };
      const { sealed } = sealBody('service key', place, { key: 'open sesame' });
      expect(openBody('service key', place, { sealed })).toEqual({ key: 'open sesame' });
      for (const other of [{ partnerId: 'q' }, { route: 'POST /x' }, { key: 'other' }])
        expect(() => openBody('service key', { ...place, ...other }, { sealed })).toThrow();
      const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;
      expect(() => openBody('service key', place, { sealed: changed })).toThrow();
    });
  });

  test.each(['', 'has space', 'x'.repeat(201), 'ü'])('%p as a key is a 400', async (key) => {
    await expect(run(key, {})).rejects.toMatchObject({ status: 400 });
  });
});
