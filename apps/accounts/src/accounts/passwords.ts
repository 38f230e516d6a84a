import { argon2, createHmac, hkdfSync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '@backhaul/domain';

const derive = promisify(argon2);
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
/** The floor for a password that stands alone. */
export const SHORTEST_PASSWORD = 15;
/** OWASP's floor for Argon2id, memory in KiB; about 60 ms. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG_BYTES = 32;

/** 24 characters that nobody confuses, about 139 bits. */
export function randomPassword(): string {
  return Array.from({ length: 24 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** Characters as a person counts them, after the normalisation that the hash sees. */
export const lengthOf = (password: string): number => [...password.normalize('NFKC')].length;

/** `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: salt,
    tagLength: TAG_BYTES,
    ...COST,
  });
  const cost = `m=${COST.memory},t=${COST.passes},p=${COST.parallelism}`;
  return ['', 'argon2id', 'v=19', cost, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

const STORED = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/;

/** False for what is no hash of ours, too. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, hash] = STORED.exec(stored) ?? [];
  if (!salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64url');
  const given = await derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: Buffer.from(salt, 'base64url'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  });
  return timingSafeEqual(given, expected);
}

/**
 * Tells whether two accounts of a partner, or two requests, hold the same password (A8). Keyed with a key that is not
 * in the database, so that a copy of the table answers no guess.
 */
export class PasswordFingerprint {
  constructor(private readonly key: Secret<Buffer>) {}

  /** What the key was before it had a place of its own, so that fingerprints of then still count. */
  static firstKey(kek: Buffer): Buffer {
    return Buffer.from(hkdfSync('sha256', kek, '', 'account password fingerprint', 32));
  }

  of(partnerId: string, password: string): string {
    const text = `${partnerId}|${password.normalize('NFKC')}`;
    return createHmac('sha256', this.key.reveal()).update(text).digest('base64url');
  }
}
