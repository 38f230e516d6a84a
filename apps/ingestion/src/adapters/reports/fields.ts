import { isObject, type JsonObject, setOwn } from './json.js';
import { exactTime, type LocalClock } from './times.js';

/**
 * Reads an object's fields and remembers which have found a place. A value is taken only when the canonical field
 * holds all of it: what is of another type, out of range or finer than the field stays for `rest`.
 */
export class Fields {
  private readonly taken = new Set<string>();
  private nested: Map<string, Fields> | null = null;

  constructor(readonly source: JsonObject) {}

  /** The value, which stays in `rest`. */
  peek(name: string): unknown {
    return Object.hasOwn(this.source, name) ? this.source[name] : undefined;
  }

  peekText(name: string): string | null {
    const value = this.peek(name);
    return typeof value === 'string' && value !== '' ? value : null;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.source, name);
  }

  /** Text that is not empty. */
  text(name: string): string | null {
    const value = this.peekText(name);
    if (value !== null) this.taken.add(name);
    return value;
  }

  /** A count or a number of bytes: an integer from 0 and below 2^53. */
  count(name: string): number | null {
    const value = this.peek(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) return null;
    this.taken.add(name);
    return value;
  }

  /** A count as a number, or as the text of one, which stays in `rest` as it was written. */
  countText(name: string): number | null {
    const text = this.peekText(name);
    if (text === null) return this.count(name);
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    return Number.isSafeInteger(value) ? value : null;
  }

  integer(name: string): number | null {
    const value = this.peek(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return null;
    this.taken.add(name);
    return value;
  }

  flag(name: string): boolean | null {
    const value = this.peek(name);
    if (typeof value !== 'boolean') return null;
    this.taken.add(name);
    return value;
  }

  /** A time as ISO text in UTC; what is unset (year 1, 1970) or no time is null. */
  time(name: string, clock: LocalClock): string | null {
    const value = this.peek(name);
    if (typeof value !== 'string') return null;
    const at = clock.read(value);
    if (at !== null && exactTime(value, at)) this.taken.add(name);
    return at;
  }

  /** Seconds since 1970; 0 is null. */
  unixTime(name: string, clock: LocalClock): string | null {
    const value = this.peek(name);
    if (typeof value !== 'number') return null;
    const at = clock.readUnix(value);
    if (at !== null && Number.isInteger(value * 1000)) this.taken.add(name);
    return at;
  }

  /** A nested object's fields; what they leave is part of this object's rest. */
  inner(name: string): Fields {
    const known = this.nested?.get(name);
    if (known) return known;
    const value = this.peek(name);
    const fields = new Fields(isObject(value) ? value : {});
    if (isObject(value)) (this.nested ??= new Map()).set(name, fields);
    return fields;
  }

  /** Says that the caller has put all of this value somewhere. */
  take(name: string): void {
    this.taken.add(name);
  }

  /** Takes that back: the field will not hold it after all. */
  keep(name: string): void {
    this.taken.delete(name);
  }

  /** All that found no place, as it was; null when nothing is left. */
  rest(): JsonObject | null {
    const rest: JsonObject = {};
    let any = false;
    for (const name of Object.keys(this.source)) {
      if (this.taken.has(name)) continue;
      const fields = this.nested?.get(name);
      const value = fields && Object.keys(fields.source).length > 0 ? fields.rest() : this.source[name];
      if (value === null && fields) continue;
      setOwn(rest, name, value);
      any = true;
    }
    return any ? rest : null;
  }
}
