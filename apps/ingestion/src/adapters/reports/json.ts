import { UnreadableReport } from '../adapter.js';

export type JsonObject = { [name: string]: unknown };

/** Deeper than any report is, and far from where recursive readers run out of stack. */
const DEEPEST = 100;
/** What may be an integer beyond 2^53, or a number beyond any. */
const LONG_NUMBER = /[0-9]{16}|[0-9][eE]\+?[0-9]{2}/;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON so that nothing is rounded: an integer beyond 2^53 becomes the text it was written as.
 * `__proto__` arrives as an ordinary own property; copy objects with `setOwn` only.
 * @throws {UnreadableReport} not JSON, or nested too deeply
 */
export function parseJson(text: string): unknown {
  const value = parse(text);
  if (mayNestDeeperThan(text, DEEPEST) && isDeeperThan(value, DEEPEST))
    throw new UnreadableReport('nested_too_deeply');
  return value;
}

/** @throws {UnreadableReport} as `parseJson`, or when it is no object */
export function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isObject(value)) throw new UnreadableReport('not_an_object');
  return value;
}

/** The object a line of text holds, or null. */
export function objectIn(line: string): JsonObject | null {
  if (!line.startsWith('{')) return null;
  try {
    return parseObject(line);
  } catch (error) {
    if (error instanceof UnreadableReport) return null;
    throw error;
  }
}

function parse(text: string): unknown {
  const start = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return LONG_NUMBER.test(start)
      ? (JSON.parse(start, exactNumber) as unknown)
      : (JSON.parse(start) as unknown);
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableReport('nested_too_deeply');
    throw new UnreadableReport(start.trim() === '' ? 'empty' : 'not_json');
  }
}

/** Node 24 hands the source text to revivers; the ES2023 library does not name the third argument yet. */
function exactNumber(this: unknown, _name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Math.abs(value) < Number.MAX_SAFE_INTEGER) return value;
  return context?.source ?? value;
}

/** What opens few brackets cannot nest deeply: nearly every report is spared the walk. */
function mayNestDeeperThan(text: string, levels: number): boolean {
  let opened = 0;
  for (const bracket of '{[')
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      opened += 1;
      if (opened > levels) return true;
    }
  return false;
}

export function isDeeperThan(value: unknown, levels: number): boolean {
  return typeof value === 'object' && value !== null && isObjectDeeperThan(value, levels);
}

/** Looks at each leaf without a call: every field of every report comes by here. */
function isObjectDeeperThan(value: object, levels: number): boolean {
  if (levels === 0) return true;
  for (const name in value) {
    const inner = (value as JsonObject)[name];
    if (typeof inner === 'object' && inner !== null && isObjectDeeperThan(inner, levels - 1)) return true;
  }
  return false;
}

/** Sets an own property whatever its name. */
export function setOwn(target: JsonObject, name: string, value: unknown): void {
  if (name !== '__proto__') {
    target[name] = value;
    return;
  }
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
