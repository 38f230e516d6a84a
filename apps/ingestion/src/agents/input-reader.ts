import type { ProblemError } from '@backhaul/http';

/** ISO 8601 with a zone: a time without one means another moment to every reader. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * Reads an object field by field: notes what has the wrong type, remembers what was read. The rest is what nobody
 * asked for, and what had a value that its field cannot hold.
 */
export class InputReader {
  readonly errors: ProblemError[];
  private readonly read = new Set<string>();
  private readonly children: { name: string; reader: InputReader }[] = [];

  constructor(
    private readonly value: Record<string, unknown>,
    private readonly pointer = '',
    root?: InputReader,
  ) {
    this.errors = root?.errors ?? [];
  }

  /** The value as it is; `undefined` when absent. */
  raw(name: string): unknown {
    return Object.hasOwn(this.value, name) ? this.value[name] : undefined;
  }

  /** A text; null when absent. */
  text(name: string): string | null {
    return this.typed(name, 'string', 'a text');
  }

  flag(name: string): boolean | null {
    return this.typed(name, 'boolean', 'true or false');
  }

  /** A count: whole and not negative, else unknown, and kept in the rest. */
  whole(name: string): number | null {
    const value = this.typed<number>(name, 'number', 'a number');
    if (value === null || (Number.isSafeInteger(value) && value >= 0)) return value;
    this.read.delete(name);
    return null;
  }

  /** Any whole number, such as an exit code. */
  integer(name: string): number | null {
    const value = this.typed<number>(name, 'number', 'a number');
    if (value === null || Number.isSafeInteger(value)) return value;
    this.read.delete(name);
    return null;
  }

  /** One of a list; null when absent or, as native agents' words are, unknown: then it is kept in the rest. */
  oneOf<T extends string>(name: string, known: readonly T[]): T | null {
    const value = this.text(name);
    if (value === null || known.includes(value as T)) return value as T | null;
    this.read.delete(name);
    return null;
  }

  /** UTC with milliseconds, whatever zone it was written in. */
  time(name: string): string | null {
    const value = this.text(name);
    if (value === null) return null;
    const at = ISO_TIME.test(value) ? new Date(value) : null;
    if (at && !Number.isNaN(at.getTime())) return at.toISOString();
    this.refuse(name, 'must be an ISO 8601 time with a zone', 'isISO8601');
    return null;
  }

  texts(name: string): string[] {
    return this.list(name).flatMap((each, index) => {
      if (typeof each === 'string') return each;
      this.refuse(`${name}/${index}`, 'must be a text', 'isString');
      return [];
    });
  }

  list(name: string): unknown[] {
    const value = this.raw(name);
    this.read.add(name);
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    this.refuse(name, 'must be a list', 'isArray');
    return [];
  }

  /** The same child each time; an absent one reads as empty. */
  child(name: string): InputReader {
    const known = this.children.find((child) => child.name === name);
    if (known) return known.reader;
    const value = this.raw(name);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value !== undefined && value !== null && !isObject)
      this.refuse(name, 'must be an object', 'isObject');
    const reader = new InputReader(
      isObject ? (value as Record<string, unknown>) : {},
      `${this.pointer}/${name}`,
      this,
    );
    this.children.push({ name, reader });
    this.read.add(name);
    return reader;
  }

  refuse(name: string, detail: string, rule: string): void {
    this.errors.push({ pointer: `${this.pointer}/${name}`, detail, rule });
  }

  /** Everything that was not read, children's rests included, verbatim. */
  rest(alsoRead: readonly string[] = []): Record<string, unknown> {
    const own = Object.entries(this.value).filter(
      ([name]) => !this.read.has(name) && !alsoRead.includes(name),
    );
    const below = this.children
      .map(({ name, reader }): [string, unknown] => [name, reader.rest()])
      .filter(([name, rest]) => !alsoRead.includes(name) && Object.keys(rest as object).length > 0);
    return Object.fromEntries([...own, ...below]);
  }

  private typed<T>(name: string, type: 'string' | 'number' | 'boolean', expected: string): T | null {
    const value = this.raw(name);
    this.read.add(name);
    if (value === undefined || value === null) return null;
    if (typeof value === type) return value as T;
    this.refuse(name, `must be ${expected}`, `is${type.charAt(0).toUpperCase()}${type.slice(1)}`);
    return null;
  }
}
