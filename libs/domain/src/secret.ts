const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** A secret in memory. Printing, logging or serialising it shows nothing; `reveal()` is the one way in. */
export class Secret<T> {
  readonly #value: T;
  constructor(value: T) {
    this.#value = value;
  }
  reveal(): T {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [INSPECT](): string {
    return '[secret]';
  }
}
