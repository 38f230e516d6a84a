import { AnsweredClient, type AnsweredClientConfig } from './answered-client.js';

/** Texts that are kept prepared, per process; what is made up anew each time would only fill the servers' memory. */
const MOST_TEXTS = 200;
const names = new Map<string, string>();

function nameOf(text: string): string | null {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_TEXTS) return known ?? null;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}

/**
 * Gives each statement with parameters a name, so that PostgreSQL reads and plans its text once per connection instead of
 * each time: our statements are few and long.
 */
export class PreparingClient extends AnsweredClient {
  constructor(config?: string | AnsweredClientConfig) {
    super(config);
    // Between the pool's listener and TypeORM's there is a moment without one; a connection that breaks then would end
    // the process. Whoever uses it hears of it by the statement that fails, and the pool replaces it.
    this.on('error', () => undefined);
  }

  override query(...args: unknown[]): never {
    const [text, values, ...rest] = args;
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : null;
    const given = name === null ? args : [{ name, text, values }, ...rest];
    return super.query(...given);
  }
}
