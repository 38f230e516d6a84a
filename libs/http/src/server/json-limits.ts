import { Problem } from '../problems/problem.js';

export interface JsonLimits {
  maxDepth: number;
  /** Per object. */
  maxKeys: number;
  /** Per array. */
  maxItems: number;
}

export const JSON_LIMITS: JsonLimits = { maxDepth: 20, maxKeys: 1000, maxItems: 1000 };

interface Level {
  keys: Set<string> | null;
  items: number;
}

/**
 * Refuses, in JSON text that is known to be well-formed, what no honest client sends: deep nesting, very
 * many keys or items, the same key twice, `__proto__` and `constructor` as keys, NUL characters.
 */
export function refuseHostileJson(text: string, limits: JsonLimits): void {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at);
        readString(text, at, end, levels.at(-1), limits);
        at = end;
        break;
      }
      case 0x7b:
        levels.push({ keys: new Set(), items: 0 });
        if (levels.length > limits.maxDepth) throw hostile('depth', `nests deeper than ${limits.maxDepth}`);
        break;
      case 0x5b:
        levels.push({ keys: null, items: 1 });
        if (levels.length > limits.maxDepth) throw hostile('depth', `nests deeper than ${limits.maxDepth}`);
        break;
      case 0x7d:
      case 0x5d:
        levels.pop();
        break;
      case 0x2c:
        countItem(levels.at(-1), limits);
        break;
    }
  }
}

function readString(
  text: string,
  start: number,
  end: number,
  level: Level | undefined,
  limits: JsonLimits,
): void {
  const raw = text.slice(start, end + 1);
  const plain = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
  if (plain.includes('\0')) throw hostile('nul', 'contains a NUL character');
  if (!level?.keys || !isKey(text, end)) return;
  if (plain === '__proto__' || plain === 'constructor') throw hostile('key', `has a key named ${plain}`);
  if (level.keys.has(plain))
    throw hostile('duplicateKey', `has the key ${JSON.stringify(plain.slice(0, 60))} twice`);
  level.keys.add(plain);
  if (level.keys.size > limits.maxKeys)
    throw hostile('keys', `has more than ${limits.maxKeys} keys in one object`);
}

function countItem(level: Level | undefined, limits: JsonLimits): void {
  if (!level || level.keys) return;
  level.items += 1;
  if (level.items > limits.maxItems)
    throw hostile('items', `has more than ${limits.maxItems} items in one array`);
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end;
    at = end + 1;
  }
}

function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === 0x3a;
}

function hostile(rule: string, detail: string): Problem {
  return Problem.badRequest([{ pointer: '', detail, rule }], `The JSON ${detail}.`);
}
