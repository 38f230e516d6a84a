import { UnreadableReport } from '../adapter.js';
import { isObject, type JsonObject, parseJson } from '../reports/json.js';

const ESCAPE = /\\(?:x([0-9a-f]{2})|U([0-9a-f]{8})|(a)|(v)|[^])/g;

/** Go's `%q` writes a few characters in ways that JSON lacks (`\x07`, `\a`, `\U0001f600`); null when that was not all. */
export function parseGoJson(text: string): JsonObject | null {
  try {
    const value = parseJson(text.replace(ESCAPE, escaped));
    return isObject(value) ? value : null;
  } catch (error) {
    if (error instanceof UnreadableReport && error.reason === 'not_json') return null;
    throw error;
  }
}

function escaped(whole: string, byte?: string, rune?: string, bell?: string, tab?: string): string {
  if (byte !== undefined) return `\\u00${byte}`;
  if (bell !== undefined) return '\\u0007';
  if (tab !== undefined) return '\\u000b';
  if (rune === undefined) return whole;
  const code = Number.parseInt(rune, 16);
  return code <= 0x10ffff ? JSON.stringify(String.fromCodePoint(code)).slice(1, -1) : '\\ufffd';
}
