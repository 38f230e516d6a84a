import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret, uuidFrom } from '@backhaul/domain';
import { newDataKey, rewrapKey, withOpenKey, type WrappedKey } from './data-key.js';
import { Keyring } from './keyring.js';
import { openFields } from './open.js';
import { amendFields, fieldNames, sealFields, withWrappedKey } from './seal-fields.js';
import { SealError } from './seal-error.js';
import { seal } from './seal-v1.js';
import { parseSealed, type Place } from './sealed-text.js';
import { unseal } from './unseal-v1.js';

const kek = (): string => randomBytes(32).toString('base64');
const [first, second] = [kek(), kek()];
const ring = Keyring.of(first);
const place: Place = {
  tenant: uuidFrom('partner'),
  table: 'psa_connection',
  column: 'sealed_secret',
  rowId: uuidFrom('row'),
};
const key = newDataKey(ring, place.tenant, 1);
const hush = new Secret({ privateKey: 'hush', other: 'hush too' });
const sealed = sealFields(ring, key, place, hush);
const open = (text: string, at = place, by = ring): Record<string, string> =>
  openFields(by, at, text).reveal();

describe('a sealed text', () => {
  it('opens where it was sealed, and says by which keys', () => {
    expect(open(sealed)).toEqual(hush.reveal());
    expect(parseSealed(sealed)).toMatchObject({ kekId: ring.current.id, version: 1, wrapped: key.wrapped });
    expect(sealFields(ring, key, place, hush)).not.toBe(sealed);
    expect(sealed + inspect(ring, { depth: 9 }) + JSON.stringify(ring)).not.toContain('hush');
    expect(inspect(ring, { depth: 9, showHidden: true })).not.toContain(first);
  });

  it.each<[string, Partial<Place>]>([
    ['partner', { tenant: uuidFrom('another') }],
    ['table', { table: 'other_table' }],
    ['column', { column: 'other_column' }],
    ['row', { rowId: uuidFrom('another') }],
  ])('does not open when copied to another %s', (_what, over) => {
    expect(() => open(sealed, { ...place, ...over })).toThrow(SealError);
  });

  it('does not open with the data key of another partner, or another version, put beside it', () => {
    const swap = (by: WrappedKey): string =>
      ['v2', by.kekId, by.version, by.wrapped, parseSealed(sealed)?.body].join('.');
    expect(open(swap(key))).toEqual(hush.reveal());
    for (const by of [
      newDataKey(ring, place.tenant, 1),
      { ...key, version: 2 },
      newDataKey(ring, 'another', 1),
    ])
      expect(() => open(swap(by))).toThrow(SealError);
  });

  it('does not open when a character changed, was cut or came on top', () => {
    for (let at = 0; at < sealed.length; at += 3) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      // The last character of base64 may carry bits that are no content.
      if (at === sealed.length - 1 || sealed[at + 1] === '.') continue;
      expect(() => open(sealed.slice(0, at) + other + sealed.slice(at + 1))).toThrow(SealError);
    }
    for (const text of ['', 'v2', 'v2....', sealed.slice(0, -8), `${sealed}.x`, sealed.replace('v2', 'v3')])
      expect(() => open(text)).toThrow(SealError);
  });

  it('is not sealed for another partner’s key, nor at a place that could be read in two ways', () => {
    expect(() => sealFields(ring, newDataKey(ring, 'another', 1), place, hush)).toThrow(SealError);
    expect(() => sealFields(ring, key, { ...place, rowId: 'a|b' }, hush)).toThrow(SealError);
  });

  it('keeps what an amendment does not name, and tells names without secrets', () => {
    const next = newDataKey(ring, place.tenant, 2);
    const amended = amendFields(ring, next, place, sealed, new Secret({ other: 'new' }));
    expect(open(amended)).toEqual({ privateKey: 'hush', other: 'new' });
    expect(parseSealed(amended)?.version).toBe(2);
    expect([...fieldNames(ring, place, amended)]).toEqual(['privateKey', 'other']);
    expect(fieldNames(ring, { ...place, rowId: 'elsewhere' }, amended).size).toBe(0);
    expect(fieldNames(Keyring.of(second), place, amended).size).toBe(0);
  });
});

describe('an opened data key', () => {
  it('is overwritten once it was used, also where its use fails', () => {
    const seen: Buffer[] = [];
    const use = (open: Buffer): string => {
      seen.push(open);
      return open.toString('hex');
    };
    const hex = withOpenKey(ring, key, use);
    expect(Buffer.from(hex, 'hex')).toHaveLength(32);
    expect(hex).not.toBe('0'.repeat(64));
    const failing = (open: Buffer): never => {
      use(open);
      throw new Error('of the use');
    };
    expect(() => withOpenKey(ring, key, failing)).toThrow('of the use');
    expect(seen.map((open) => open.toString('hex'))).toEqual(['0'.repeat(64), '0'.repeat(64)]);
  });
});

describe('key encryption keys', () => {
  const both = Keyring.of(second, `${first}, `);
  const after = Keyring.of(second);

  it('of before open until they are taken away, and wrap nothing', () => {
    expect(open(sealed, place, both)).toEqual(hush.reveal());
    expect(() => open(sealed, place, after)).toThrow(SealError);
    const rewrapped = rewrapKey(both, key);
    const text = withWrappedKey(sealed, rewrapped) ?? '';
    expect(parseSealed(text)).toMatchObject({
      kekId: after.current.id,
      version: 1,
      body: parseSealed(sealed)?.body,
    });
    expect(open(text, place, after)).toEqual(hush.reveal());
    expect(() => open(text, place, ring)).toThrow(SealError);
    expect(withWrappedKey(sealed, newDataKey(both, place.tenant, 2))).toBeNull();
  });

  it.each(['', 'short', Buffer.alloc(31).toString('base64'), `${first},x`])(
    'that are none are refused, not repeated: %j',
    (wrong) => {
      const make = (): Keyring => Keyring.of(first, wrong === '' ? 'x' : wrong);
      expect(make).toThrow('base64 of 32 bytes');
      expect(make).not.toThrow(first);
    },
  );
});

describe('the scheme of before', () => {
  const context = `${place.tenant}|${place.table}|${place.rowId}|secret`;
  const v1 = seal(Buffer.from(first, 'base64'), context, JSON.stringify(hush.reveal()));

  it('still opens, by any of the keys, and only in its place', () => {
    expect(open(v1)).toEqual(hush.reveal());
    expect(open(v1, place, Keyring.of(second, first))).toEqual(hush.reveal());
    expect(() => open(v1, place, Keyring.of(second))).toThrow(SealError);
    expect(() => open(v1, { ...place, rowId: 'another' })).toThrow(SealError);
    expect(() => unseal(Buffer.from(first, 'base64'), context, `${v1}.x`)).toThrow(SealError);
    expect(parseSealed(v1)).toBeNull();
  });

  it('becomes the new one when it is sealed again', () => {
    const amended = amendFields(ring, key, place, v1);
    expect(parseSealed(amended)).toMatchObject({ version: 1 });
    expect(open(amended)).toEqual(hush.reveal());
  });
});
