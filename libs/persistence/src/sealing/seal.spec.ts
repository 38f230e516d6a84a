import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { seal, SealError, unseal } from './seal.js';
import { Secret } from './secret.js';

describe('sealed columns', () => {
  const kek = randomBytes(32);
  const place = 'partner|connection|secret|row-1';

  it('opens where it was sealed', () => {
    expect(unseal(kek, place, seal(kek, place, 'hush'))).toBe('hush');
  });

  it('does not open when copied to another row, with another key, or when changed', () => {
    const sealed = seal(kek, place, 'hush');
    expect(() => unseal(kek, 'partner|connection|secret|row-2', sealed)).toThrow(SealError);
    expect(() => unseal(randomBytes(32), place, sealed)).toThrow(SealError);
    expect(() => unseal(kek, place, sealed.slice(0, -4) + 'AAAA')).toThrow(SealError);
    expect(() => unseal(kek, place, '')).toThrow(SealError);
  });

  it('prints nothing of a secret', () => {
    const secret = new Secret('hush');
    expect([String(secret), JSON.stringify({ secret }), inspect(secret)].join()).not.toContain('hush');
  });
});
