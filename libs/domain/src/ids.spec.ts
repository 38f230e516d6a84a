import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  emptyJobResult,
  isUuid,
  laneKeyOf,
  markerFor,
  markerIn,
  toWellFormedText,
  uuidFrom,
  uuidv7,
} from './index.js';
import type { AccountNo, ConnectionId, EventId, PartnerId, RuleId } from './index.js';

describe('uuidv7', () => {
  it('carries its time and sorts by it, also within one millisecond', () => {
    const now = Date.UTC(2026, 10, 20, 2);
    const ids = Array.from({ length: 1000 }, (_, index) => uuidv7(now + Math.floor(index / 500)));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(isUuid(id)).toBe(true);
    expect(parseInt(ids[0]?.replaceAll('-', '').slice(0, 12) ?? '', 16)).toBe(now);
    expect(ids[0]?.charAt(14)).toBe('7');
  });
});

describe('uuidFrom', () => {
  it('is the same for the same parts, a valid UUID, and another for any other split of the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 4 }),
        fc.array(fc.string(), { maxLength: 4 }),
        (parts, others) => {
          expect(isUuid(uuidFrom(...parts))).toBe(true);
          expect(uuidFrom(...parts) === uuidFrom(...others)).toBe(
            JSON.stringify(parts) === JSON.stringify(others),
          );
        },
      ),
    );
    expect(uuidFrom('ab', 'c')).not.toBe(uuidFrom('a', 'bc'));
  });

  it('never changes from one release to the next', () => {
    expect(uuidFrom('event', 'rule', 'connectwise')).toBe('c9a45dae-e455-8fcd-90ce-448c9d4045e3');
  });
});

describe('markerFor', () => {
  const marker = markerFor('p' as PartnerId, 80202028 as AccountNo, 'r' as RuleId, 'e' as EventId);

  it('is BK and the first 16 base32 characters of the SHA-256 of partner, account, rule and event', () => {
    const digest = createHash('sha256').update('p|80202028|r|e').digest();
    const bits = [...digest.subarray(0, 10)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const expected = bits
      .match(/.{5}/g)
      ?.map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(parseInt(five, 2)));
    expect(marker).toBe(`BK${expected?.join('')}`);
  });

  it('is found again in a summary', () => {
    expect(markerIn(`Backup failed: ACME files [${marker}]`)).toBe(marker);
    expect(markerIn(`X${marker}`)).toBeNull();
    expect(markerIn('BK-1 no marker here')).toBeNull();
  });
});

describe('laneKeyOf', () => {
  it('holds connection and account', () => {
    expect(laneKeyOf('c1' as ConnectionId, 80202028 as AccountNo)).toBe('c1|80202028');
  });
});

describe('toWellFormedText', () => {
  it('replaces lone surrogates, drops NUL, and leaves all else alone', () => {
    expect(toWellFormedText('a\ud800b\0c😀')).toBe('a\ufffdbc😀');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(toWellFormedText(text)).toBe(text.replaceAll('\0', ''));
      }),
    );
  });
});

describe('emptyJobResult', () => {
  it('knows nothing, and is no shared object', () => {
    const one = emptyJobResult();
    one.issues.push({ severity: 'OK', code: null, path: null, message: '', at: null });
    one.counts.errors = 1;
    expect(emptyJobResult()).toMatchObject({
      type: null,
      counts: {},
      bytes: {},
      issues: [],
      children: [],
      ext: {},
    });
    expect(emptyJobResult().outcome).toMatchObject({ status: 'unknown', severity: 'WARNING' });
  });
});
