import { createHash } from 'node:crypto';
import { Secret } from '@backhaul/domain';

/** A key encryption key: 32 bytes that live in the settings and wrap data keys. */
export interface Kek {
  /** Follows from the key and tells nothing of it; stands in whatever the key wrapped. */
  id: string;
  key: Secret<Buffer>;
}

/** The key that wraps, and those of before that still unwrap while a rotation runs. */
export class Keyring {
  private constructor(
    readonly current: Kek,
    readonly all: readonly Kek[],
  ) {}

  /**
   * @param current base64 of 32 bytes; KEY_ENCRYPTION_KEY
   * @param old     such texts, comma separated; KEY_ENCRYPTION_KEYS_OLD
   * @throws Error that repeats no key
   */
  static of(current: string, old = ''): Keyring {
    const before = old.split(',').map((text) => text.trim()).filter((text) => text !== ''); // prettier-ignore
    const [first, ...rest] = [current, ...before].map(kekOf);
    return new Keyring(first as Kek, [first as Kek, ...rest]);
  }

  find(id: string): Kek | undefined {
    return this.all.find((kek) => kek.id === id);
  }
}

function kekOf(text: string): Kek {
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32) throw new Error('A key encryption key is no base64 of 32 bytes');
  const id = createHash('sha256').update('backhaul kek id|').update(key).digest('hex').slice(0, 16);
  return { id, key: new Secret(key) };
}
