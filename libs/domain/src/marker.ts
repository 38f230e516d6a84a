import { hash } from 'node:crypto';
import type { AccountNo, EventId, Marker, PartnerId, RuleId } from './ids.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const CHARACTERS = 16;

function base32(bytes: Buffer, characters: number): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0x1fff;
    bits += 8;
    while (bits >= 5 && text.length < characters) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >> bits) & 31);
    }
  }
  return text;
}

/** The marker of the ticket of the incident which that event opened; the same after a crash, a repeat or a restore. */
export function markerFor(
  partnerId: PartnerId,
  accountNo: AccountNo,
  ruleId: RuleId,
  openedByEventId: EventId,
): Marker {
  const digest = hash('sha256', `${partnerId}|${accountNo}|${ruleId}|${openedByEventId}`, 'buffer');
  return `BK${base32(digest, CHARACTERS)}` as Marker;
}

const MARKER = /\bBK[A-Z2-7]{16}\b/;

/** The first marker that stands in a text, such as a ticket's summary. */
export function markerIn(text: string): Marker | null {
  return (MARKER.exec(text)?.[0] as Marker | undefined) ?? null;
}
