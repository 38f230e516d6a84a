import { hash, randomFillSync } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

const SEQUENCE_MAX = 0xfff;
/** Random bytes are drawn by the pool: one draw an id costs more than the rest of it. */
const pool = Buffer.alloc(4096);
let used = pool.length;
let lastMs = -1;
let sequence = 0;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const hex = pool.toString('hex', used, used + bytes);
  used += bytes;
  return hex;
}

function nextSequence(ms: number): number {
  // Starts low in each millisecond, so that one process's ids of a millisecond sort as they were made.
  sequence = ms === lastMs && sequence < SEQUENCE_MAX ? sequence + 1 : parseInt(randomHex(1), 16);
  lastMs = ms;
  return sequence;
}

function grouped(hex: string, version: '7' | '8'): string {
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A UUIDv7 of that time (milliseconds since 1970); ids of one process and millisecond sort in the order made. */
export function uuidv7(nowMs: number): string {
  const ms = Math.max(0, Math.floor(nowMs));
  const time = ms.toString(16).padStart(12, '0').slice(-12);
  return grouped(`${time}0${nextSequence(ms).toString(16).padStart(3, '0')}${randomHex(8)}`, '7');
}

/** The same parts always give the same UUID (version 8, from SHA-256), so that a repeat is recognised. */
export function uuidFrom(...parts: string[]): string {
  // The lengths keep ('ab', 'c') and ('a', 'bc') apart.
  return grouped(hash('sha256', parts.map((part) => `${part.length}:${part}`).join('')), '8');
}
