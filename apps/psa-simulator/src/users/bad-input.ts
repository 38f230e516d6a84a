export interface InputError {
  /** As the form names it, such as `firstName`. */
  field: string;
  detail: string;
}

/** What was asked cannot be done as it was written. */
export class BadInput extends Error {
  constructor(
    readonly errors: InputError[],
    readonly status: 400 | 404 | 409 = 400,
  ) {
    super(errors.map(({ field, detail }) => `${field}: ${detail}`).join('; '));
  }
}

export type Input = Record<string, unknown>;

/** Reads the fields of a form or a JSON body, and tells every fault at once. */
export class InputReader {
  private readonly errors: InputError[] = [];

  constructor(private readonly input: Input) {}

  has(field: string): boolean {
    return this.input[field] !== undefined;
  }

  /** Trimmed; a missing or blank one is a fault. */
  text(field: string, maxLength: number): string {
    const value = this.input[field];
    const text = typeof value === 'string' ? value.trim() : '';
    if (text === '') this.fault(field, 'is required');
    if (text.length > maxLength) this.fault(field, `has at most ${maxLength} characters`);
    return text;
  }

  /** One of a list; a missing one is a fault unless there is a default. */
  choice<T extends string>(field: string, choices: readonly T[], otherwise?: T): T {
    const value = this.input[field];
    if (otherwise !== undefined && (value === undefined || value === '')) return otherwise;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    this.fault(
      field,
      value === undefined || value === '' ? 'is required' : `must be one of: ${choices.join(', ')}`,
    );
    return choices[0] as T;
  }

  /** The id of a row, as a number or in digits. */
  rowId(field: string, rows: { id: number }[]): number {
    const value = this.input[field];
    const found = rows.find(({ id }) => String(id) === String(value as string | number | undefined));
    if (!found) this.fault(field, value === undefined || value === '' ? 'is required' : 'is not there');
    return found?.id ?? 0;
  }

  /** JSON's true and false, or the words of a form. */
  flag(field: string): boolean {
    const value = this.input[field];
    if (value === true || value === 'true') return true;
    if (value !== false && value !== 'false') this.fault(field, 'must be true or false');
    return false;
  }

  fault(field: string, detail: string): void {
    if (!this.errors.some((error) => error.field === field)) this.errors.push({ field, detail });
  }

  /** @throws BadInput where anything was wrong */
  done(): void {
    if (this.errors.length > 0) throw new BadInput(this.errors);
  }
}
