import { describe, expect, it } from '@jest/globals';
import { Secret } from '@backhaul/domain';
import { hashPassword, isPassword, lengthOf, PasswordFingerprint, randomPassword } from './passwords.js';

describe('passwords', () => {
  it('A7: random ones are long, unlike each other, and hold no letter that looks like another', () => {
    const made = Array.from({ length: 200 }, randomPassword);
    expect(new Set(made).size).toBe(200);
    expect(made.every((password) => /^[A-HJ-NP-Za-km-z2-9]{24}$/.test(password))).toBe(true);
  });

  it('are kept as Argon2id with a salt each', async () => {
    const [one, two] = [await hashPassword('a secret of mine'), await hashPassword('a secret of mine')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(await isPassword('a secret of mine', one)).toBe(true);
    expect(await isPassword('a secret of mine', two)).toBe(true);
    expect(await isPassword('A secret of mine', one)).toBe(false);
  });

  it('are the same however their letters are composed', async () => {
    expect(await isPassword('cafe\u0301 '.repeat(4), await hashPassword('caf\u00e9 '.repeat(4)))).toBe(true);
    expect(lengthOf('\u{1F600}'.repeat(15))).toBe(15);
  });

  it.each(['', 'plain', '$argon2id$v=19$m=1,t=1,p=1$', 'scrypt$a$b'])('never match %j', async (stored) => {
    expect(await isPassword('plain', stored)).toBe(false);
  });

  it('A8: have a fingerprint per partner and key', () => {
    const [mine, other] = [
      new PasswordFingerprint(new Secret(Buffer.alloc(32, 1))),
      new PasswordFingerprint(new Secret(Buffer.alloc(32, 2))),
    ];
    expect(mine.of('p', 'x')).toBe(mine.of('p', 'x'));
    expect(new Set([mine.of('p', 'x'), mine.of('q', 'x'), mine.of('p', 'y'), other.of('p', 'x')]).size).toBe(
      4,
    );
  });
});
