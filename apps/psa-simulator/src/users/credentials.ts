import { createHash, randomInt } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
export const LETTERS_AND_DIGITS = `${LETTERS}${LETTERS.toUpperCase()}${DIGITS}`;
export const CAPITALS_AND_DIGITS = `${LETTERS.toUpperCase()}${DIGITS}`;
export const SMALL_AND_DIGITS = `${LETTERS}${DIGITS}`;

export function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** What is kept of a secret: nobody can be shown it a second time. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
