import type { JobResult } from '@backhaul/domain';
import { isObject, type JsonObject } from './json.js';

/** A leaf of a report that is nowhere in the result. */
export interface LostLeaf {
  path: string;
  value: unknown;
}

/**
 * The leaves of a report that its result neither keeps under `ext` at the same place nor holds in a field of its
 * own. Each leaf needs a canonical value of its own: three zeroes need three. An empty list: nothing was lost.
 *
 * @param body the report as text: JSON, `name=value` forms, or anything else, which is one leaf
 */
export function lostLeaves(body: string, result: JobResult): LostLeaf[] {
  const kept = result.ext[Object.keys(result.ext)[0] ?? ''];
  const missing: LostLeaf[] = [];
  walk(leavesOf(body), kept, '', missing);
  const held = canonicalValues(result);
  return missing.filter(({ value }) => {
    if (value === null) return false;
    const name = valueName(value);
    const left = held.get(name) ?? 0;
    held.set(name, left - 1);
    return left <= 0;
  });
}

/** @throws {Error} naming the first leaves that were lost */
export function assertLossFree(body: string, result: JobResult): void {
  const lost = lostLeaves(body, result);
  if (lost.length === 0) return;
  const names = lost
    .slice(0, 5)
    .map(({ path, value }) => `${path} = ${String(JSON.stringify(value)).slice(0, 80)}`);
  throw new Error(`${lost.length} values of the report are lost: ${names.join('; ')}`);
}

function leavesOf(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body.replace(/^\ufeff/, ''), sourceOfLongNumbers);
    return isContainer(value) ? value : { text: body };
  } catch {
    if (!/^[\w.-]+=/.test(body)) return { text: body };
    const form = new Map<string, unknown>();
    for (const [name, value] of new URLSearchParams(body))
      form.set(name, form.has(name) ? [form.get(name), value].flat() : value);
    return Object.fromEntries(form);
  }
}

function sourceOfLongNumbers(
  this: unknown,
  _name: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  return typeof value === 'number' && Math.abs(value) >= Number.MAX_SAFE_INTEGER
    ? (context?.source ?? value)
    : value;
}

function walk(native: unknown, kept: unknown, path: string, missing: LostLeaf[]): void {
  if (isContainer(native) && Object.keys(native).length > 0) {
    const place = isContainer(kept) && Array.isArray(kept) === Array.isArray(native) ? kept : {};
    for (const name of Object.keys(native)) {
      const inner = Object.hasOwn(place, name) ? place[name] : undefined;
      walk(native[name], inner, `${path}/${name}`, missing);
    }
    return;
  }
  if (kept === undefined || valueName(kept) !== valueName(native)) missing.push({ path, value: native });
}

function isContainer(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

/** Times are the same however they are written; nothing else is. */
function valueName(value: unknown): string {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value)) return timeName(value);
  return `${typeof value}:${JSON.stringify(value)}`;
}

function timeName(text: string): string {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const zoned = /(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text) ? text.replace(/ ?([+-]\d\d)$/, '$1:00') : null;
  const ms = zoned === null ? NaN : Date.parse(zoned.replace(' ', 'T'));
  // Finer than milliseconds, or without zone: only the text itself will do.
  return Number.isNaN(ms) || /[1-9]/.test(fraction.slice(3))
    ? `string:${JSON.stringify(text)}`
    : `time:${ms}`;
}

function canonicalValues(result: JobResult): Map<string, number> {
  const held = new Map<string, number>();
  const add = (value: unknown): void => {
    const name = valueName(value);
    held.set(name, (held.get(name) ?? 0) + 1);
    if (typeof value === 'string' && name.startsWith('time:')) {
      const seconds = `number:${Number(name.slice(5)) / 1000}`;
      held.set(seconds, (held.get(seconds) ?? 0) + 1);
    }
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isObject(value)) Object.values(value).forEach(visit);
    else if (value !== null && value !== undefined) add(value);
  };
  const { ext: _ext, ...fields } = result;
  visit(fields);
  return held;
}
