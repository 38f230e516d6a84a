import { createHash } from 'node:crypto';

/** Before the first entry of a partner. */
export const NO_HASH = Buffer.alloc(32);

/** What makes an entry follow from all before it: none can be changed, left out or put in without the rest. */
export function hashOf(previous: Buffer, seq: number, body: string): Buffer {
  return createHash('sha256').update(previous).update(`${seq}|`).update(body).digest();
}
